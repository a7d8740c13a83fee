import { z } from 'zod';
import { isFrontEndAlone } from '../region/front-end.ts';
import { CheckFailure, toFailure, type FailureCode } from '../../core/failure.ts';
import type { HttpOptions, HttpReply } from '../../core/ports/network.ts';
import type { Ports } from '../../core/ports/ports.ts';
import { printable } from '../../core/printable.ts';
import type { Region } from '../../core/region.ts';
import type { AppState } from './metrics.ts';

/*
 * What an answer of one of MAAS's pages is. The login page is open to everybody in every version, and it needs
 * the application and its database; the version needs the application alone.
 */

export const LOGIN = 'accounts/login/';

/** The API of each generation: 1.x has the first one only, and 2.0 and later the second one only. */
export const versionPage = ({ generation }: Region): string =>
  generation === 1 ? 'api/1.0/version/' : 'api/2.0/version/';

export type Answer = HttpReply | CheckFailure;

export const get = async (
  { http }: Pick<Ports, 'http'>,
  url: string,
  options: HttpOptions,
): Promise<Answer> => {
  try {
    return await http.get(url, options);
  } catch (error) {
    return toFailure(error);
  }
};

/** What one page came to: MAAS's own, something else, or a failure that says nothing of the page. */
export type Page =
  | { readonly is: 'good'; readonly says: string }
  | { readonly is: Exclude<AppState, 'serves' | 'partly'>; readonly says: string }
  /** The API of this generation is not there, and MAAS is. */
  | { readonly is: 'other_generation'; readonly says: string };

/** From 2.7 on a GET gives what the page needs, as JSON (maasserver/views/account.py). */
const LOGIN_FACTS = z.object({ authenticated: z.boolean() });
const VERSION = z.object({ version: z.string().min(1).max(100) });

export const readLogin = (answer: Answer): Page | CheckFailure =>
  readPage(answer, ({ body }) =>
    /<title>[^<]*\bMAAS\b/i.test(body) || LOGIN_FACTS.safeParse(parseJson(body)).success
      ? { is: 'good', says: 'the login page is MAAS’s' }
      : undefined,
  );

export const readVersion = (answer: Answer, { generation }: Region): Page | CheckFailure => {
  if (!(answer instanceof CheckFailure)) {
    // Up to 1.8 only accounts are told; that it asks for one is MAAS's own word.
    if (answer.status === 401) return { is: 'good', says: 'tells its version to accounts only' };
    if (answer.status === 404 || answer.status === 410)
      return {
        is: 'other_generation',
        says: `answers ${answer.status} for the API of generation ${generation}`,
      };
  }
  return readPage(answer, ({ body }) => {
    const found = VERSION.safeParse(parseJson(body));
    return found.success
      ? { is: 'good', says: `is MAAS ${printable(found.data.version, 30)}` }
      : undefined;
  });
};

function readPage(
  answer: Answer,
  own: (reply: HttpReply) => Page | undefined,
): Page | CheckFailure {
  if (answer instanceof CheckFailure) return silence(answer) ?? answer;
  if (answer.status === 200)
    return own(answer) ?? { is: 'foreign', says: `answers 200 with ${shown(answer.body)}` };
  return { is: stateOf(answer), says: aboutStatus(answer) };
}

function stateOf(
  reply: HttpReply,
): 'no_backend' | 'hangs' | 'starting' | 'no_database' | 'foreign' {
  if (isFrontEndAlone(reply)) return reply.status === 504 ? 'hangs' : 'no_backend';
  switch (reply.status) {
    case 500:
      return 'no_database';
    case 502:
      return 'no_backend';
    case 503:
      return 'starting';
    case 504:
      return 'hangs';
    default:
      return 'foreign';
  }
}

function aboutStatus(reply: HttpReply): string {
  const { status, headers, body } = reply;
  if (isFrontEndAlone(reply)) return `answers ${status} itself: no application behind it does`;
  const to = headers['location'];
  if (status >= 300 && status < 400 && to !== undefined)
    return `answers ${status}: it sends elsewhere, to ${printable(to, 80)}`;
  return `answers ${status}: ${shown(body)}`;
}

const shown = (body: string): string => {
  const title = /<title>([^<]{1,80})/i.exec(body)?.[1] ?? body.trimStart().slice(0, 80);
  return title.trim() === '' ? 'nothing' : `"${printable(title.trim(), 60)}"`;
};

const SILENCES: Readonly<
  Partial<Record<FailureCode, 'closed' | 'unreachable' | 'hangs' | 'foreign'>>
> = {
  refused: 'closed',
  unreachable: 'unreachable',
  timeout: 'hangs',
  // No HTTP, or more of it than such a page has.
  protocol: 'foreign',
};

/** Undefined where the failure says something of us, or of the channel only. */
function silence({ code, message, facts }: CheckFailure): Page | undefined {
  const is = SILENCES[code];
  if (is === undefined) return undefined;
  const noWay = code === 'timeout' && facts['phase'] === 'connect';
  return { is: noWay ? 'unreachable' : is, says: message };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
