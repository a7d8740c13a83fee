import type { FetchFunction } from '@slack/web-api';
import { z } from 'zod';
import { printable } from '../../src/core/printable.ts';
import type { Secret } from '../../src/core/secret.ts';
import { seconds } from '../../src/core/time.ts';
import { DeliveryFailure, type Channel, type Notifier, type Surroundings } from '../notifier.ts';
import { dataOf, fields, text, type Answer, type Call, type Fields } from '../render/slack-call.ts';
import { findingIn, sendingTo } from '../render/slack-delivery.ts';
import { mishapOf, slackFailure, type Seen } from '../render/slack-failure.ts';
import { watchingOver } from '../render/slack-gestures.ts';

const TOKEN_FILE = 'the path of a file that holds a bot token (xoxb-…)';
const CHANNEL =
  'a channel id such as C0123456, not a name (in Slack: the channel’s name, About, at the very bottom)';
const MENTION =
  'here, channel, everyone, a user’s id such as U0123456 or a user group’s such as S0123456';
const API_URL =
  'a URL such as https://slack.com/api/ (http only on this host or a private network)';
const PRIVATE =
  /^http:\/\/(localhost|127\.\d+\.\d+\.\d+|10\.\d+\.\d+\.\d+|192\.168\.\d+\.\d+|172\.(1[6-9]|2\d|3[01])\.\d+\.\d+)(:\d+)?(\/|$)/;

const settings = z.strictObject({
  token_file: z.string(TOKEN_FILE).min(1, TOKEN_FILE),
  channel: z.string(CHANNEL).regex(/^[CGD][A-Z0-9]{6,}$/, CHANNEL),
  /** Called in the open of a critical and in escalations, and nowhere else. */
  mention: z
    .string(MENTION)
    .regex(/^(here|channel|everyone|[SUW][A-Z0-9]{6,})$/, MENTION)
    .optional(),
  /** For tests and proxies. The token is sent there. */
  api_url: z
    .string(API_URL)
    .refine(
      (url) => URL.canParse(url) && (/^https:\/\/[^@]+$/.test(url) || PRIVATE.test(url)),
      API_URL,
    )
    .default('https://slack.com/api/'),
  acknowledge_by_reaction: z.boolean('true or false').default(true),
});
type Settings = z.output<typeof settings>;

const notifier: Notifier<Settings> = {
  name: 'slack',
  about: 'One message per episode, edited in place, with a thread of all that happened.',
  edits: true,
  settings,
  reaches: ({ api_url }) => [new URL(api_url).hostname],
  open: slackChannel,
};
export default notifier;

/** How long one call may take. */
const DEADLINE = seconds(10);

function slackChannel(given: Settings, surroundings: Surroundings): Channel {
  const { channel, mention } = given;
  const call = caller(given, surroundings);
  return {
    is: 'channel',
    send: sendingTo({ call, channel, setting: { monitor: surroundings.monitor, mention } }),
    find: findingIn({ call, channel }),
    ...(given.acknowledge_by_reaction && { gestures: watchingOver(call, channel) }),
    test: (signal) => prove(call, given, signal),
    close: () => Promise.resolve(),
  };
}

const silent = (): void => undefined;
const NO_LOGGER = {
  debug: silent,
  info: silent,
  warn: silent,
  error: silent,
  setLevel: silent,
  setName: silent,
  getLevel: () => 'error' as never,
};

/**
 * One call of the Web API, given up when `signal` says so or after the deadline. A client of its own
 * for each, because the SDK has no other way to bind a request to a signal.
 */
function caller({ api_url }: Settings, { clock, secret }: Surroundings): Call {
  return async (method, given, signal) => {
    const token = secret('token_file');
    if (token === undefined) {
      throw new DeliveryFailure('closed', `Slack: token_file: expected ${TOKEN_FILE}`);
    }
    const ending = new AbortController();
    const giveUp = () => {
      ending.abort();
    };
    // An abort that is past raises no event.
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    const cancel = clock.after(DEADLINE, giveUp);
    const seen: Seen = {};
    try {
      const fetch = watched(seen, ending.signal);
      return await ask(token, { slackApiUrl: api_url, fetch }, method, given);
    } catch (error) {
      const why = ending.signal.aborted ? 'late' : error;
      const mishap = mishapOf(method, seen, why, token.reveal());
      return { is: 'no', code: mishap.code, failure: slackFailure(mishap) };
    } finally {
      cancel();
      signal.removeEventListener('abort', giveUp);
    }
  };
}

async function ask(
  token: Secret,
  options: { readonly slackApiUrl: string; readonly fetch: FetchFunction },
  method: string,
  given: Fields,
): Promise<Answer> {
  // Only here, so that a monitor without Slack does not pay for it.
  const { WebClient } = await import('@slack/web-api');
  const client = new WebClient(token.reveal(), {
    ...options,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    maxRequestConcurrency: 1,
    allowAbsoluteUrls: false,
    logger: NO_LOGGER,
    // A kept connection may be dead, and then nobody knows what became of the message.
    headers: { connection: 'close' },
  });
  return { is: 'ok', data: fields(await client.apiCall(method, { ...given })) };
}

/** Notes what came back, because the SDK's errors do not tell all of it. */
const watched =
  (seen: Seen, signal: AbortSignal): FetchFunction =>
  async (url, { method = 'POST', headers = {}, body = '' } = {}) => {
    if (signal.aborted) throw new Error('given up before it was sent');
    seen.begun = true;
    const given = { method, headers, body, signal, redirect: 'error' } as const;
    // eslint-disable-next-line no-restricted-globals -- a channel is where the world is touched
    const response = await fetch(url, given);
    seen.status = response.status;
    seen.retryAfter = response.headers.get('retry-after') ?? undefined;
    seen.type = response.headers.get('content-type') ?? undefined;
    seen.body = await response.text();
    return new Response(seen.body, { status: response.status, headers: response.headers });
  };

const SCOPES: Readonly<Record<string, string>> = {
  'chat:write': 'nothing can be sent',
  'reactions:read': 'a reaction acknowledges nothing',
};
const HISTORY = ['channels:history', 'groups:history', 'im:history', 'mpim:history'];

/** Token, channel and membership, as far as the app's scopes let it look. */
async function prove(
  call: Call,
  { channel, acknowledge_by_reaction }: Settings,
  signal: AbortSignal,
): Promise<string> {
  const self = dataOf(await call('auth.test', {}, signal));
  const bot = printable(text(self['user']) ?? 'an unnamed bot', 80);
  const who = `${printable(text(self['team']) ?? 'an unnamed workspace', 80)} as ${bot}`;
  const lacks = lackOf(fields(self['response_metadata'])['scopes'], acknowledge_by_reaction);
  const answer = await call('conversations.info', { channel }, signal);
  if (answer.is === 'no' && answer.code === 'missing_scope') {
    return [`Slack: ${who}; channel ${channel} cannot be looked at`, ...lacks].join('; ');
  }
  const info = fields(dataOf(answer)['channel']);
  const name = `#${printable(text(info['name']) ?? channel, 80)}`;
  if (info['is_archived'] === true) {
    throw new DeliveryFailure(
      'closed',
      `Slack: ${name} is archived: unarchive it, or configure another`,
    );
  }
  if (info['is_member'] === false) {
    throw new DeliveryFailure(
      'closed',
      `Slack: ${bot} is not in ${name}: type /invite @${bot} there`,
    );
  }
  return [`Slack: ${who}, in ${name} (${channel})`, ...lacks].join('; ');
}

function lackOf(scopes: unknown, byReaction: boolean): readonly string[] {
  if (!Array.isArray(scopes)) return [];
  const has = new Set(scopes.map(String));
  const lacking = Object.entries(SCOPES).filter(
    ([scope]) => !has.has(scope) && (byReaction || scope !== 'reactions:read'),
  );
  return [
    ...lacking.map(([scope, loss]) => `without the scope ${scope}, ${loss}`),
    ...(HISTORY.some((scope) => has.has(scope))
      ? []
      : ['without the scope channels:history, an unclear attempt may be told twice']),
  ];
}
