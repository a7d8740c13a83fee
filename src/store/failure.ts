/** The store cannot be opened or used. The message says which file, what was found and what to do. */
export class StoreFailure extends Error {
  override readonly name: string = 'StoreFailure';

  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
  }
}

/** Another process has the store open. */
export class StoreBusy extends StoreFailure {
  override readonly name = 'StoreBusy';
  /** Its process id, when it is known. */
  readonly owner: number | undefined;

  constructor(file: string, owner: number | undefined, cause?: unknown) {
    const who = owner === undefined ? 'another process' : `another process (pid ${owner})`;
    super(
      `${file}: ${who} has this store open; stop it, or give this monitor a store of its own`,
      cause,
    );
    this.owner = owner;
  }
}

/** The open file is no longer where it was: what is written into it ends with the process. */
export class StoreGone extends StoreFailure {
  override readonly name = 'StoreGone';
}

/** What went wrong in a few words, with the code that a search finds. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return code === undefined || error.message.includes(code)
    ? error.message
    : `${error.message} (${code})`;
}
