import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Died, type Life, type Theatre } from './play.ts';
import type { Order, Report } from './subject.ts';
import type { Standing } from './stage.ts';
import { wiredEnds } from './wire.ts';

/*
 * Death as it is: a process that gets SIGKILL. The monitor runs as a child, in one file that was
 * bundled before, since a hundred starts from sources would take minutes.
 */

interface Bundler {
  readonly build: (options: Readonly<Record<string, unknown>>) => Promise<unknown>;
}

const SUBJECT = fileURLToPath(new URL('./subject.ts', import.meta.url));

/** The subject as one file in this folder. The bundler is the one that tsx brings along. */
export async function bundled(folder: string): Promise<string> {
  const fromTsx = createRequire(createRequire(import.meta.url).resolve('tsx/package.json'));
  const { build } = fromTsx('esbuild') as Bundler;
  const file = join(folder, 'subject.mjs');
  const native = createRequire(import.meta.url).resolve('better-sqlite3');
  await build({
    entryPoints: [SUBJECT],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    alias: { 'better-sqlite3': native },
    external: [native],
    // What was written for require() finds one here.
    banner: {
      js: `import { createRequire as maker } from 'node:module'; const require = maker(${JSON.stringify(import.meta.url)});`,
    },
    logLevel: 'error',
  });
  return file;
}

/** Starts processes ahead, because a start takes longer than most of what comes after it. */
export class Nursery {
  readonly #file: string;
  #next: ChildProcess | undefined;

  constructor(file: string) {
    this.#file = file;
    this.#next = this.#born();
  }

  take(): ChildProcess {
    const child = this.#next ?? this.#born();
    this.#next = this.#born();
    return child;
  }

  async close(): Promise<void> {
    const last = this.#next;
    this.#next = undefined;
    if (last === undefined) return;
    const gone = once(last, 'exit');
    last.kill('SIGKILL');
    await gone;
  }

  #born(): ChildProcess {
    return fork(this.#file, { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  }
}

/** A theatre with servers on loopback, and a monitor in a process of its own. */
export async function inProcesses(nursery: Nursery, mutant?: string): Promise<Theatre> {
  const ends = await wiredEnds();
  let clock: string | undefined;
  return {
    ends,
    now: () => (clock === undefined || !existsSync(clock) ? 0 : shownBy(clock)),
    start: (parts, onError) => {
      clock = join(parts.folder, 'clock');
      const child = nursery.take();
      return new Child(child, onError).begin({
        is: 'start',
        parts,
        addresses: ends.addresses,
        ...(mutant !== undefined && { mutant }),
      });
    },
  };
}

function shownBy(file: string): number {
  const shown = new Float64Array(1);
  const clock = openSync(file, 'r');
  try {
    readSync(clock, shown, 0, 8, 0);
    return shown[0] ?? 0;
  } finally {
    closeSync(clock);
  }
}

class Child implements Life {
  readonly #process: ChildProcess;
  readonly ended: Promise<void>;
  opened: Promise<unknown> = Promise.resolve();
  #waiting: { resolve: (standing: Standing) => void; reject: (error: Error) => void } | undefined;

  constructor(child: ChildProcess, onError: (words: string) => void) {
    this.#process = child;
    this.ended = once(child, 'exit').then(([code, signal]) => {
      if (signal !== 'SIGKILL' && code !== 0)
        onError(`the process ended with ${String(code ?? signal)}`);
      this.#waiting?.reject(new Died(`the monitor is dead: ${String(signal ?? code)}`));
    });
    child.on('message', (report: Report) => {
      if (report.is === 'defect') onError(report.words);
      else if (report.is === 'failed') this.#waiting?.reject(new Error(report.words));
      else if (report.standing !== undefined) this.#waiting?.resolve(report.standing);
    });
  }

  begin(order: Extract<Order, { is: 'start' }>): this {
    this.opened = this.#ask(order);
    return this;
  }

  perform(act: Extract<Order, { is: 'act' }>['act']): Promise<Standing> {
    return this.#ask({ is: 'act', act });
  }

  hung(channel: string): void {
    this.#tell({ is: 'hung', channel });
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }

  async stop(): Promise<void> {
    this.#tell({ is: 'stop' });
    await this.ended;
  }

  #ask(order: Order): Promise<Standing> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#tell(order);
    });
  }

  /** To whoever has died in this moment nothing can be said; its end is heard by itself. */
  #tell(order: Order): void {
    this.#process.send(order, () => undefined);
  }
}
