/*
 * One Slack workspace with one channel, in memory: the methods of the Web API that an alerter uses,
 * with their documented limits and refusals.
 */

export type Fields = Record<string, unknown>;

export interface Stored extends Fields {
  readonly ts: string;
  text: string;
  blocks: readonly Fields[];
  attachments: readonly Fields[];
  readonly metadata?: Fields;
  readonly thread_ts?: string;
  readonly broadcast: boolean;
  /** How often it was edited. */
  edits: number;
  readonly reactions: { name: string; users: string[]; count: number }[];
}

const SCOPES: Readonly<Record<string, string>> = {
  'conversations.info': 'channels:read',
  'conversations.history': 'channels:history',
  'conversations.replies': 'channels:history',
  'chat.postMessage': 'chat:write',
  'chat.update': 'chat:write',
  'reactions.get': 'reactions:read',
  'users.info': 'users:read',
};

/** What a test may change at any time. */
const settings = () => ({
  token: 'xoxb-valid',
  /** Instead of an answer, for a token that is not good any more: `token_revoked`. */
  revoked: undefined as string | undefined,
  channel: 'C0123456',
  name: 'ops',
  archived: false,
  member: true,
  scopes: new Set(Object.values(SCOPES)),
  users: { U0000001: 'ann', UBOT: 'maasha' } as Record<string, string>,
});

/** `ok: false`, with Slack's code as its message. */
export class Refusal extends Error {
  readonly more: Fields;
  constructor(code: string, more: Fields = {}) {
    super(code);
    this.more = more;
  }
}
const refuse = (code: string, more?: Fields): never => {
  throw new Refusal(code, more);
};

const size = (value: unknown): number => JSON.stringify(value ?? '').length;
const textOf = (value: unknown): string => str((value as Fields | undefined)?.['text']) ?? '';
const within = (value: unknown, most: number): boolean =>
  textOf(value).length <= most && textOf(value).trim() !== '';
const all = (value: unknown): readonly Fields[] =>
  Array.isArray(value) ? (value as Fields[]) : [];

const LEGAL: Readonly<Record<string, (block: Fields) => boolean>> = {
  header: ({ text }) => (text as Fields)['type'] === 'plain_text' && within(text, 150),
  section: ({ text, fields }) =>
    fields === undefined
      ? within(text, 3000)
      : all(fields).length > 0 &&
        all(fields).length <= 10 &&
        all(fields).every((field) => within(field, 2000)),
  context: ({ elements }) =>
    all(elements).length > 0 &&
    all(elements).length <= 10 &&
    all(elements).every((element) => within(element, 3000)),
  actions: ({ elements }) =>
    all(elements).length > 0 &&
    all(elements).length <= 25 &&
    all(elements).every(
      ({ text, url, action_id: id }) =>
        within(text, 75) &&
        String(id).length <= 255 &&
        String(url).length <= 3000 &&
        /^https?:\/\/\S+$/.test(String(url)),
    ),
};

/** Why Slack would refuse this message; `undefined` when it would not. */
export function refusalOf(given: Fields): string | undefined {
  const blocks = all(given['blocks']);
  const inner = all(given['attachments']).flatMap((attachment) => all(attachment['blocks']));
  const text = str(given['text']) ?? '';
  if (text === '' && blocks.length + inner.length === 0) return 'no_text';
  if (text.length > 40_000) return 'msg_too_long';
  if (blocks.length > 50 || inner.length > 50) return 'invalid_blocks';
  const isLegal = (block: Fields) => LEGAL[String(block['type'])]?.(block) ?? false;
  if (![...blocks, ...inner].every(isLegal)) return 'invalid_blocks';
  if (size(blocks) + size(given['attachments']) > 13_200) return 'msg_blocks_too_long';
  return undefined;
}

/** The channel and what stands in it. */
export class Workspace {
  readonly now = settings();
  readonly messages: Stored[] = [];
  #counter = 0;

  call(method: string, given: Fields, token: string): Fields {
    const { now } = this;
    if (now.revoked !== undefined) refuse(now.revoked);
    if (token !== now.token) refuse(token === '' ? 'not_authed' : 'invalid_auth');
    const needed = SCOPES[method];
    if (needed !== undefined && !now.scopes.has(needed)) refuse('missing_scope', { needed });
    if (given['channel'] !== undefined && given['channel'] !== now.channel) {
      refuse('channel_not_found');
    }
    const handler = this.#methods[method] ?? (() => refuse('unknown_method'));
    return { ok: true, ...handler(given) };
  }

  readonly #methods: Readonly<Record<string, (given: Fields) => Fields>> = {
    'auth.test': () => ({ team: 'Lab', user: 'maasha', user_id: 'UBOT', bot_id: 'B1' }),
    'conversations.info': () => ({
      channel: {
        id: this.now.channel,
        name: this.now.name,
        is_archived: this.now.archived,
        is_member: this.now.member,
      },
    }),
    'conversations.history': (given) => {
      const shown = this.messages.filter((each) => each.thread_ts === undefined || each.broadcast);
      return this.#page(shown.toReversed(), given);
    },
    'conversations.replies': (given) => {
      const shown = this.messages.filter((each) =>
        [each.ts, each.thread_ts].includes(str(given['ts'])),
      );
      return shown.length === 0 ? refuse('thread_not_found') : this.#page(shown, given);
    },
    'chat.postMessage': (given) => this.#post(given),
    'chat.update': (given) => {
      const found = this.#find(given['ts']);
      this.#admit(given);
      if (given['blocks'] !== undefined || given['text'] !== undefined) {
        found.blocks = all(given['blocks']);
      }
      if (given['attachments'] !== undefined) found.attachments = all(given['attachments']);
      found.text = str(given['text']) ?? found.text;
      found.edits += 1;
      return { channel: this.now.channel, ts: found.ts, text: found.text };
    },
    'reactions.get': (given) => {
      const { ts, reactions } = this.#find(given['timestamp']);
      return { type: 'message', channel: this.now.channel, message: { ts, reactions } };
    },
    'users.info': ({ user }) => {
      const name = this.now.users[String(user)];
      return name === undefined
        ? refuse('user_not_found')
        : { user: { id: user, name, profile: { display_name: name } } };
    },
  };

  react(ts: string, name: string, user: string): void {
    const { reactions } = this.#find(ts);
    const found = reactions.find((each) => each.name === name);
    if (found === undefined) reactions.push({ name, users: [user], count: 1 });
    else found.count = found.users.push(user);
  }

  #find(ts: unknown): Stored {
    return this.messages.find((each) => each.ts === ts) ?? refuse('message_not_found');
  }

  #admit(given: Fields): void {
    if (this.now.archived) refuse('is_archived');
    if (!this.now.member) refuse('not_in_channel');
    const refusal = refusalOf(given);
    if (refusal !== undefined) refuse(refusal);
  }

  #post(given: Fields): Fields {
    this.#admit(given);
    const thread = str(given['thread_ts']);
    if (thread !== undefined && !this.messages.some((each) => each.ts === thread)) {
      refuse('cannot_reply_to_message');
    }
    this.#counter += 1;
    const ts = `${Math.floor(Date.now() / 1000)}.${String(this.#counter).padStart(6, '0')}`;
    this.messages.push({
      ts,
      text: str(given['text']) ?? '',
      blocks: all(given['blocks']),
      attachments: all(given['attachments']),
      ...(given['metadata'] !== undefined && { metadata: given['metadata'] as Fields }),
      ...(thread !== undefined && { thread_ts: thread }),
      broadcast: given['reply_broadcast'] === 'true',
      edits: 0,
      reactions: [],
    });
    return { channel: this.now.channel, ts };
  }

  #page(messages: readonly Stored[], given: Fields): Fields {
    const from = Number(given['cursor'] ?? 0);
    const to = from + Math.min(Number(given['limit'] ?? 100), 999);
    const isIn = ({ ts }: Stored) =>
      Number(ts) >= Number(given['oldest'] ?? 0) &&
      Number(ts) <= Number(given['latest'] ?? Infinity);
    const shown = messages.filter(isIn).slice(from, to);
    return {
      messages: shown.map(({ metadata, ...rest }) =>
        given['include_all_metadata'] === 'true' ? { ...rest, metadata } : rest,
      ),
      has_more: to < messages.length,
      response_metadata: { next_cursor: to < messages.length ? String(to) : '' },
    };
  }
}

const str = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
