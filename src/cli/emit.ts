import { readFileSync } from 'node:fs';
import type { CheckResult } from '../core/check.ts';
import { resultJson } from '../core/describe.ts';
import { printable } from '../core/printable.ts';
import type { Region } from '../core/region.ts';
import { Secret } from '../core/secret.ts';
import { seconds } from '../core/time.ts';
import { systemClock } from '../io/clock.ts';
import { readToken, TokenError } from '../runtime/api-token.ts';
import { FACTS } from '../runtime/facts/routes.ts';
import { exchange } from './exchange.ts';
import { EXIT, UsageError } from './exit.ts';
import type { Look } from './look.ts';

/* The result of a check, pushed to the monitor: `maasha check NAME --emit URL`. */

export interface EmitOptions {
  readonly emit?: string;
  readonly as?: string;
  readonly tokenFile?: string;
}

/** Where a result goes, and what opens the door there. */
export interface Destination {
  readonly url: URL;
  readonly token: Secret;
}

const PATIENCE = 10_000;
const PAUSE = seconds(1);

/** Works out where to, before anything is looked at. @throws UsageError */
export function destination(look: Look, options: EmitOptions): Destination | undefined {
  if (options.emit === undefined) {
    if (options.as ?? options.tokenFile)
      throw new UsageError('--as and --token-file are of use with --emit URL only');
    return undefined;
  }
  const [region, ...others] = look.regions;
  if (!look.named || look.names.length !== 1 || region === undefined || others.length > 0)
    throw new UsageError(
      '--emit pushes the result of one check on one region: NAME --region REGION',
    );
  const name = options.as ?? reportName(region);
  const path = `${FACTS}/${encodeURIComponent(region.name)}/${encodeURIComponent(name)}`;
  return { url: new URL(path, base(options.emit)), token: token(look, options.tokenFile) };
}

function base(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && ['http:', 'https:'].includes(url.protocol)) return url;
  throw new UsageError(`--emit ${text}: expected the monitor's URL, such as http://10.0.0.9:9877`);
}

/** The name under which the monitor expects this node's report, where the configuration here says so. */
function reportName({ fencing }: Region): string {
  const source = fencing?.reports[fencing.self?.node ?? ''];
  if (source?.from === 'pushed') return source.name;
  throw new UsageError(
    '--emit: expected --as NAME, the fact that the monitor is to take it for ({ pushed: NAME } there)',
  );
}

function token({ setup }: Look, file: string | undefined): Secret {
  try {
    const found =
      file === undefined
        ? readToken(setup.config.alerting)
        : new Secret(readFileSync(file, 'utf8').trim());
    if (found !== undefined && found.reveal() !== '') return found;
  } catch (error) {
    if (error instanceof TokenError || file !== undefined)
      throw new UsageError(`the monitor's token: ${(error as Error).message}`);
    throw error;
  }
  throw new UsageError(
    "--emit: expected --token-file FILE with the monitor's token (the file api-token of its state folder)",
  );
}

/** Pushes it; tried twice. @throws UsageError that ends the command with 3: the monitor does not know. */
export async function emit(to: Destination, result: CheckResult): Promise<void> {
  const body = JSON.stringify(resultJson(result));
  const first = await push(to, body);
  if (first === undefined) return;
  if (!first.again) throw notTold(to, first.why);
  await new Promise<void>((resolve) => systemClock.after(PAUSE, resolve));
  const second = await push(to, body);
  if (second !== undefined) throw notTold(to, `${second.why} (tried twice)`);
}

const notTold = ({ url }: Destination, why: string): UsageError =>
  new UsageError(`the result was not pushed to ${url.href}: ${why}`, EXIT.unknown);

interface Failed {
  readonly why: string;
  /** Whether it may go better a moment later. */
  readonly again: boolean;
}

async function push(
  { url, token: secret }: Destination,
  body: string,
): Promise<Failed | undefined> {
  const { protocol, hostname, port, pathname } = url;
  const where = { protocol, host: hostname.replace(/^\[|\]$/g, ''), port, path: pathname };
  try {
    const answer = await exchange({
      ...where,
      method: 'POST',
      token: secret,
      body,
      patience: PATIENCE,
    });
    if (answer.status === 200) return undefined;
    const says = printable(answer.body, 500);
    return { why: `HTTP ${answer.status}: ${says}`, again: answer.status >= 500 };
  } catch (error) {
    const { name, message } = error as Error;
    const isLate = name === 'TimeoutError' || name === 'AbortError';
    return { why: isLate ? `no answer in ${PATIENCE / 1000} s` : message, again: true };
  }
}
