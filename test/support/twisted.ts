import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Debian's own Python has python3-twisted even where another one comes first in the path. */
export const pythonWithTwisted = ['python3', '/usr/bin/python3'].find(
  (python) => spawnSync(python, ['-c', 'import twisted.protocols.amp']).status === 0,
);

export interface TwistedRegion {
  readonly port: number;
  /** What it was asked and answered so far, line by line. */
  readonly heard: readonly string[];
  stop(): Promise<void>;
}

/** A region's RPC port spoken by real Twisted, on a free port of 127.0.0.1. */
export async function startTwisted(
  python: string,
  generation: 1 | 2,
  secret: string,
): Promise<TwistedRegion> {
  const script = fileURLToPath(new URL('twisted-amp.py', import.meta.url));
  const child = spawn(python, [script, String(generation), secret], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const lines = createInterface({ input: child.stdout });
  const heard: string[] = [];
  const first = await Promise.race([once(lines, 'line'), ended]);
  lines.on('line', (line) => heard.push(line));
  return {
    port: Number(first[0]),
    heard,
    stop: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
