import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Alerting as Settings } from '../config/alerting.ts';
import { Secret } from '../core/secret.ts';

/*
 * The token that opens the operator's verbs: what `alerting.api_token_file` holds, else what is in the
 * state folder, where the service makes one. Whoever can read it can silence every alert.
 */

/** The token's file cannot be used: which, what was found, what to do. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
}

type Place = Pick<Settings, 'apiToken' | 'state'>;

/** Where the service keeps the token that it made. */
export const tokenFile = (state: string): string => join(state, 'api-token');

/** The token as it is; undefined when there is none. @throws TokenError */
export function readToken(settings: Place | undefined): Secret | undefined {
  if (settings?.apiToken !== undefined) return demandUsable(settings.apiToken);
  return settings?.state === undefined ? undefined : readFile(tokenFile(settings.state));
}

/** The token, made if there is none and a state folder is configured. For the service. @throws TokenError */
export function ensureToken(settings: Place | undefined): Secret | undefined {
  const found = readToken(settings);
  if (found !== undefined || settings?.state === undefined) return found;
  make(settings.state);
  return readToken(settings);
}

/** The token of a service: made if there is none, except in a rehearsal. One that cannot be used is told of. */
export function serviceToken(
  settings: Place | undefined,
  how: { readonly dryRun?: boolean; readonly print?: (line: string) => void },
): Secret | undefined {
  try {
    return how.dryRun === true ? readToken(settings) : ensureToken(settings);
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    how.print?.(`${error.message}; until then /api answers nobody`);
    return undefined;
  }
}

/**
 * Whether two texts are equal, in a time that tells nothing about where they differ or how long the
 * secret one is.
 */
export const isSame = (
  given: string,
  secret: Secret,
  equal: (a: Buffer, b: Buffer) => boolean = timingSafeEqual,
): boolean => equal(digest(given), digest(secret.reveal()));

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Long enough not to be guessed, and fit for a header. */
const USABLE = /^[\x21-\x7e]{16,}$/;
const FORM = '16 characters or more, without spaces';

function demandUsable(token: Secret): Secret {
  if (USABLE.test(token.reveal())) return token;
  throw new TokenError(`alerting.api_token_file: its file holds no token (${FORM})`);
}

function readFile(file: string): Secret | undefined {
  let text: string;
  let mode: number;
  try {
    text = readFileSync(file, 'utf8').trim();
    mode = statSync(file).mode & 0o777;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') return undefined;
    throw new TokenError(
      `${file}: cannot be read (${code}): the account that runs the monitor, or root, may`,
    );
  }
  if ((mode & 0o077) !== 0)
    throw new TokenError(
      `${file}: others may read it (mode ${mode.toString(8)}): remove it, and the monitor makes a new one when it starts`,
    );
  if (!USABLE.test(text))
    throw new TokenError(
      `${file}: holds no token (${FORM}): remove it, and the monitor makes a new one when it starts`,
    );
  return new Secret(text);
}

/** Whole or not at all, and never over one that is there: a link appears at once, and only once. */
function make(state: string): void {
  const file = tokenFile(state);
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    mkdirSync(state, { recursive: true, mode: 0o700 });
    write(draft, `${randomBytes(32).toString('base64url')}\n`);
    linkSync(draft, file);
  } catch (error) {
    // Another process was faster: then there is one.
    if (codeOf(error) !== 'EEXIST')
      throw new TokenError(
        `${file}: cannot be made (${codeOf(error)}): see who may write there and whether there is room`,
      );
  } finally {
    rmSync(draft, { force: true });
  }
}

function write(file: string, text: string): void {
  const handle = openSync(file, 'wx', 0o600);
  try {
    writeSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : 'unknown';
