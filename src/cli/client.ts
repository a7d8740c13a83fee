import type { Config } from '../config/load.ts';
import { printable } from '../core/printable.ts';
import type { Secret } from '../core/secret.ts';
import { readToken, TokenError } from '../runtime/api-token.ts';
import { exchange, type Answered } from './exchange.ts';
import { UsageError } from './exit.ts';

/* Asks the monitor that runs, where its configuration says that it listens. */

/** Nobody listens there: no monitor runs. */
export class NobodyThere extends UsageError {}

interface Question {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
  /** Milliseconds to wait for the answer. */
  readonly patience?: number;
}

/**
 * The monitor's answer; what it is made of is known to whoever asks, for it is the same version.
 *
 * @throws NobodyThere, or UsageError with what the monitor said against it.
 */
export async function ask<Answer>(config: Config, question: Question): Promise<Answer> {
  const token = tokenOf(config);
  const { status, body } = await askedOf(config, question, token);
  const answer = parsed(body);
  if (status === 200 && answer !== undefined) return answer as Answer;
  const says = (answer as { readonly error?: unknown } | undefined)?.error;
  throw new UsageError(
    typeof says === 'string'
      ? printable(says, 2000)
      : `${placeOf(config)} answers HTTP ${status} and nothing that a monitor would say: is it something else that listens there?`,
  );
}

/** Where the monitor is reached, for people. */
const placeOf = ({ listen }: Config): string =>
  'socket' in listen ? listen.socket : `${listen.host}:${listen.port}`;

function tokenOf({ alerting }: Config): Secret | undefined {
  try {
    return readToken(alerting);
  } catch (error) {
    if (error instanceof TokenError) throw new UsageError(error.message);
    throw error;
  }
}

function parsed(text: string): unknown {
  try {
    const found = JSON.parse(text) as unknown;
    return typeof found === 'object' && found !== null ? found : undefined;
  } catch {
    return undefined;
  }
}

const PATIENCE = 15_000;

async function askedOf(
  config: Config,
  { method, path, body, patience = PATIENCE }: Question,
  token: Secret | undefined,
): Promise<Answered> {
  const { listen } = config;
  const target =
    'socket' in listen
      ? { socketPath: listen.socket }
      : { host: listen.host === '0.0.0.0' ? '127.0.0.1' : listen.host, port: listen.port };
  const text = body === undefined ? undefined : JSON.stringify(body);
  try {
    return await exchange({ ...target, path, method, token, body: text, patience });
  } catch (error) {
    throw failure(error as NodeJS.ErrnoException, config, patience);
  }
}

const ABSENT = ['ECONNREFUSED', 'ENOENT'];

function failure(
  { code, message, name }: NodeJS.ErrnoException,
  config: Config,
  patience: number,
): UsageError {
  if (ABSENT.includes(code ?? ''))
    return new NobodyThere(`no monitor runs at ${placeOf(config)} (${code ?? ''})`);
  return new UsageError(
    name === 'TimeoutError' || name === 'AbortError'
      ? `${placeOf(config)}: no answer within ${patience / 1000} s`
      : `${placeOf(config)}: ${message}`,
  );
}
