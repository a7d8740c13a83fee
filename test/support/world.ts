import type { Ports, World } from '../../src/core/ports/ports.ts';
import { fakePorts } from './ports.ts';

/** A world that hands out the given ports and counts who is inside. */
export class FakeWorld implements World {
  inside = 0;
  closed = false;
  readonly #ports: Ports;

  constructor(ports: Partial<Ports> = {}) {
    this.#ports = fakePorts(ports);
  }

  enter(): ReturnType<World['enter']> {
    this.inside += 1;
    return {
      ports: this.#ports,
      leave: () => {
        this.inside -= 1;
      },
    };
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}
