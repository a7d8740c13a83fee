import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { CheckFailure, type FailureCode } from '../core/failure.ts';

/** What stands in a file, and when that was last changed (epoch seconds). */
export interface FileText {
  readonly bytes: Buffer;
  readonly at: number;
}

/** @throws CheckFailure, or the system's own error. */
type ReadFile = (path: string, maxBytes: number) => Promise<FileText | undefined>;

/** Reads that hang keep a thread each, and the process has four: others need them as well. */
const AT_ONCE = 2;

/**
 * Files that others write. One that lies on a dead network mount answers never, and no call takes its
 * thread back: so a file is read once at a time, whoever asks, and few files are at the same time.
 */
export class FactFiles {
  readonly #read: ReadFile;
  readonly #underWay = new Map<string, Promise<FileText | undefined>>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(read: ReadFile = readRegular) {
    this.#read = read;
  }

  /**
   * The file; undefined where there is none. It may never settle, and has no limit of time of its own.
   *
   * @throws CheckFailure `no_privilege`, `config` (no regular file) or `protocol` (too long, or unreadable).
   */
  read(path: string, maxBytes: number): Promise<FileText | undefined> {
    const key = `${maxBytes} ${path}`;
    const found = this.#underWay.get(key);
    if (found !== undefined) return found;
    const reading = this.#inTurn(() => this.#read(path, maxBytes))
      .catch((error: unknown) => {
        const failure = failureOf(path, error);
        if (failure !== undefined) throw failure;
        return undefined;
      })
      .finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, reading);
    return reading;
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    while (this.#running >= AT_ONCE)
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    this.#running += 1;
    try {
      return await work();
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }
}

async function readRegular(path: string, maxBytes: number): Promise<FileText> {
  // Before it is opened: a device may do something when it is.
  if (!(await stat(path)).isFile()) throw notRegular(path);
  // Without waiting: a pipe that nobody writes to may have taken its place meanwhile.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const found = await file.stat();
    if (!found.isFile()) throw notRegular(path);
    const buffer = Buffer.alloc(maxBytes + 1);
    let octets = 0;
    for (;;) {
      const { bytesRead } = await file.read(buffer, octets, buffer.length - octets, octets);
      octets += bytesRead;
      if (octets > maxBytes)
        throw new CheckFailure('protocol', `${path} is larger than ${maxBytes} bytes`);
      if (bytesRead === 0) break;
    }
    return { bytes: buffer.subarray(0, octets), at: found.mtimeMs / 1000 };
  } finally {
    await file.close();
  }
}

const notRegular = (path: string): CheckFailure =>
  new CheckFailure(
    'config',
    `${path} is no regular file: expected one that can be read to its end`,
  );

const CODES: Readonly<Record<string, FailureCode>> = {
  EACCES: 'no_privilege',
  EPERM: 'no_privilege',
  ELOOP: 'config',
  ENAMETOOLONG: 'config',
};

const ABSENT = ['ENOENT', 'ENOTDIR'];

/** Undefined where the file is merely not there. */
function failureOf(path: string, error: unknown): CheckFailure | undefined {
  if (error instanceof CheckFailure) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (ABSENT.includes(code)) return undefined;
  return new CheckFailure(CODES[code] ?? 'protocol', `${path} cannot be read: ${message}`, {
    cause: error,
  });
}
