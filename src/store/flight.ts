import { appendFileSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isoTime, type Clock } from '../core/time.ts';

export interface FlightOptions {
  readonly folder: string;
  readonly clock: Pick<Clock, 'now'>;
  /** A file that has grown beyond this is closed and the next one begun. */
  readonly fileBytes?: number;
  /** So many closed files are kept, the newest ones. */
  readonly files?: number;
  /** The first trouble of a row of troubles, in words; recording goes on as soon as it can. */
  readonly onTrouble: (says: string) => void;
}

const FILE_BYTES = 8 * 1024 * 1024;
const FILES = 8;
const CURRENT = 'flight.jsonl';

/**
 * Writes what happens to files, a line each, bounded in all: `flight.jsonl` and the ones before it,
 * `flight-<time at which it was closed>.jsonl`. It is for looking back: a line that cannot be written
 * is lost, and nothing waits for it.
 */
export class FlightRecorder {
  readonly #options: FlightOptions;
  #size = 0;
  #broken = false;

  constructor(options: FlightOptions) {
    this.#options = options;
    this.#try(() => {
      mkdirSync(options.folder, { recursive: true, mode: 0o700 });
      this.#size = sizeOf(this.#current);
    });
  }

  write(line: object): void {
    const text = `${JSON.stringify(line)}\n`;
    this.#try(() => {
      if (this.#size > (this.#options.fileBytes ?? FILE_BYTES)) this.#rotate();
      appendFileSync(this.#current, text, { mode: 0o600 });
      this.#size += Buffer.byteLength(text);
    });
  }

  get #current(): string {
    return join(this.#options.folder, CURRENT);
  }

  #rotate(): void {
    const { folder, clock, files = FILES } = this.#options;
    const stamp = isoTime(clock.now()).replaceAll(':', '');
    renameSync(this.#current, join(folder, `flight-${stamp}.jsonl`));
    this.#size = 0;
    const closed = readdirSync(folder)
      .filter((name) => /^flight-.*\.jsonl$/.test(name))
      .sort();
    for (const name of closed.slice(0, Math.max(0, closed.length - files)))
      rmSync(join(folder, name), { force: true });
  }

  #try(action: () => void): void {
    try {
      action();
      this.#broken = false;
    } catch (error) {
      if (!this.#broken)
        this.#options.onTrouble(
          `what happens cannot be recorded in ${this.#options.folder}: ${(error as Error).message}`,
        );
      this.#broken = true;
    }
  }
}

function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch {
    return 0;
  }
}
