import type { Socket } from 'node:net';
import type { HttpPhase } from '../core/ports/network.ts';
import { between, type Clock, type Instant, type Seconds } from '../core/time.ts';
import type { Line } from './http-dial.ts';

/** One request's way through its phases, with the moment at which each began. */
export class TimedLine implements Line {
  socket?: Socket;
  expires?: number;
  readonly #clock: Clock;
  readonly #began: [HttpPhase, Instant][];

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#began = [['connect', clock.steady()]];
  }

  get phase(): HttpPhase {
    return this.#began.at(-1)?.[0] ?? 'connect';
  }

  set phase(next: HttpPhase) {
    this.#began.push([next, this.#clock.steady()]);
  }

  /** How long each phase took that it went through; together they are the whole until now. */
  spent(): Readonly<Partial<Record<HttpPhase, Seconds>>> {
    const end = this.#clock.steady();
    return Object.fromEntries(
      this.#began.map(([phase, begin], index) => [
        phase,
        between(begin, this.#began[index + 1]?.[1] ?? end),
      ]),
    );
  }
}
