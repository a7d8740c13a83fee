import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('child.ts', import.meta.url));

export interface Child {
  readonly pid: number;
  /** The lines that it has said. */
  readonly lines: readonly string[];
  /** Resolves once it has said so many lines, or has ended. */
  readonly said: (count: number) => Promise<void>;
  readonly kill: () => Promise<void>;
  readonly ended: Promise<unknown>;
}

/** Starts test/store/child.ts as a process of its own. */
export function startChild(...words: readonly string[]): Child {
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const lines: string[] = [];
  let rest = '';
  let over = false;
  let notice = (): void => undefined;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
    notice();
  });
  void ended.then(() => {
    over = true;
    notice();
  });
  return {
    pid: child.pid ?? 0,
    lines,
    ended,
    said: (count) =>
      new Promise((resolve) => {
        notice = () => {
          if (over || lines.length >= count) resolve();
        };
        notice();
      }),
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
