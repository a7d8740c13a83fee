import { printable } from '../../src/core/printable.ts';
import { seconds } from '../../src/core/time.ts';
import { DeliveryFailure, type Trouble } from '../notifier.ts';

/** What is known of a call of Slack's Web API that did not come to `ok`. Holds no secret. */
export interface Mishap {
  readonly method: string;
  /** Doing it twice comes to the same as once: then an unknown outcome is none. */
  readonly repeatable: boolean;
  /** Of the HTTP answer, when there was one. */
  readonly status?: number;
  readonly retryAfter?: number;
  /** Slack's own code. */
  readonly code?: string;
  /** The scope that Slack says is missing. */
  readonly needed?: string;
  /** The begin of an answer that is not Slack's. */
  readonly excerpt?: string;
  /** What the network said: `ECONNREFUSED`. */
  readonly system?: string;
}

/** What was seen of the HTTP answer, filled in as it came. */
export interface Seen {
  /** The request was handed to the network. */
  begun?: boolean;
  status?: number | undefined;
  retryAfter?: string | undefined;
  type?: string | undefined;
  body?: string | undefined;
}

/** Nothing of these may make a second message when it is done twice. */
const POSTS = 'chat.postMessage';

/**
 * What is known of a failed call. `secret` is cut out of whatever the other end sent back; `error` is
 * what the client threw, or `late` when it was given up.
 */
export function mishapOf(method: string, seen: Seen, error: unknown, secret: string): Mishap {
  const base = { method, repeatable: method !== POSTS };
  if (seen.begun !== true) return { ...base, system: 'unsent' };
  const { status, body } = seen;
  if (status === undefined || body === undefined) {
    return { ...base, system: error === 'late' ? 'late' : systemOf(error) };
  }
  const excerpt = printable(body.replaceAll(secret, '***').trim(), 80);
  if (status !== 200) return { ...base, status, excerpt, ...pauseOf(seen) };
  const answer = answerOf(body);
  if (answer !== undefined) return { ...base, status, ...answer, ...pauseOf(seen) };
  return /json/i.test(seen.type ?? '')
    ? { ...base, system: 'an answer that broke off' }
    : { ...base, status, excerpt };
}

function pauseOf({ retryAfter = '' }: Seen): Pick<Mishap, 'retryAfter'> {
  const found = /^\s*(\d{1,9})\s*$/.exec(retryAfter)?.[1];
  return found === undefined ? {} : { retryAfter: Number(found) };
}

function answerOf(body: string): Pick<Mishap, 'code' | 'needed'> | undefined {
  const { ok, error, needed } = parsed(body);
  if (ok !== false) return undefined;
  const isCode = typeof error === 'string' && /^[a-z][a-z0-9_]{0,63}$/.test(error);
  const isScope = typeof needed === 'string' && /^[a-z.:,_ ]{1,120}$/.test(needed);
  return { code: isCode ? error : 'an error without a code', ...(isScope && { needed }) };
}

function parsed(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** The innermost code of a chain of causes: `fetch failed` hides what the network said. */
function systemOf(error: unknown): string {
  let found = 'no answer';
  let next: unknown = error;
  for (let depth = 0; depth < 8 && next instanceof Error; depth += 1) {
    if ('code' in next && typeof next.code === 'string') found = printable(next.code, 60);
    // The client makes this answer an error without a code.
    if (next.message.includes('unexpected redirect')) found = 'redirect';
    next = next instanceof AggregateError ? next.errors[0] : (next.cause ?? original(next));
  }
  return found;
}

const original = (error: Error): unknown => ('original' in error ? error.original : undefined);

/** Codes that say that blocks or text are not to Slack's taste: the plain text may still be. */
export const DISTASTE: ReadonlySet<string> = new Set([
  'invalid_blocks',
  'invalid_blocks_format',
  'msg_blocks_too_long',
  'msg_too_long',
  'invalid_attachments',
  'too_many_attachments',
  'invalid_arguments',
]);

/** Codes that say that a message can no longer be edited or replied to. */
export const LOST: ReadonlySet<string> = new Set([
  'message_not_found',
  'cant_update_message',
  'edit_window_closed',
  'thread_not_found',
  'cannot_reply_to_message',
]);

const TOKEN = 'put a valid bot token (xoxb-…) into token_file';
const INVITE = 'invite the app to the channel (/invite @…), or configure a channel that it is in';
const ADMIN = 'ask an administrator of the workspace to allow the app to post there';

/** What a person has to do, by code. */
const CLOSED: Readonly<Record<string, string>> = {
  invalid_auth: `the token is not valid: ${TOKEN}`,
  not_authed: `no token was sent: ${TOKEN}`,
  token_revoked: `the token was revoked: reinstall the app and ${TOKEN}`,
  token_expired: `the token has expired: switch token rotation off, or ${TOKEN}`,
  account_inactive: `the app was removed or its workspace is gone: reinstall it and ${TOKEN}`,
  not_allowed_token_type: `this kind of token may not do it: ${TOKEN}`,
  metadata_must_be_sent_from_app: `a user's token cannot send metadata: ${TOKEN}`,
  no_permission: `the token may not do it: ${ADMIN}`,
  missing_scope: 'the app lacks a scope: add it under OAuth & Permissions and reinstall the app',
  channel_not_found: `there is no such channel, or it is private and the app is not in it: ${INVITE}`,
  not_in_channel: `the app is not in the channel: ${INVITE}`,
  is_archived: 'the channel is archived: unarchive it, or configure another',
  restricted_action: `a rule of the workspace forbids it: ${ADMIN}`,
  restricted_action_read_only_channel: `the channel is read-only: ${ADMIN}`,
  restricted_action_thread_only_channel: `the channel takes replies only: ${ADMIN}`,
  user_is_restricted: `the app is restricted: ${ADMIN}`,
  org_login_required: `the workspace is being moved to an organisation: ${ADMIN}`,
  ekm_access_denied: `the workspace's encryption keys are withheld: ${ADMIN}`,
  access_denied: `access is denied: ${ADMIN}`,
  team_access_not_granted: `the app is not granted this workspace: ${ADMIN}`,
};

const LIMITED: ReadonlySet<string> = new Set([
  'ratelimited',
  'rate_limited',
  'message_limit_exceeded',
]);

/** Codes whose documentation leaves open whether part of it was done. */
const OPEN: ReadonlySet<string> = new Set(['fatal_error', 'internal_error']);

type Verdict = readonly [trouble: Trouble, sentence: string];

/** What a mishap means for the parcel, with a sentence of what was found and what to do. */
export function slackFailure(mishap: Mishap): DeliveryFailure {
  const [trouble, sentence] = verdictOf(mishap);
  const { method, repeatable, retryAfter } = mishap;
  return new DeliveryFailure(
    trouble === 'unknown' && repeatable ? 'again' : trouble,
    `Slack ${method}: ${sentence}`,
    trouble === 'limited' && retryAfter !== undefined ? { retryAfter: seconds(retryAfter) } : {},
  );
}

function verdictOf(mishap: Mishap): Verdict {
  const { status, code } = mishap;
  if (status === undefined) return ofNetwork(mishap.system ?? 'no answer');
  if (status === 429) return ofLimit(mishap);
  if (status !== 200) return ofStatus(status, mishap.excerpt ?? '');
  return code === undefined ? ofStranger(mishap.excerpt ?? '') : ofCode(code, mishap);
}

const ofLimit = ({ retryAfter }: Mishap): Verdict => [
  'limited',
  retryAfter === undefined
    ? 'too many messages; Slack does not say for how long to wait'
    : `too many messages; to be tried again in ${retryAfter} s`,
];

function ofStatus(status: number, excerpt: string): Verdict {
  const seen = excerpt === '' ? '' : `, "${excerpt}"`;
  if (status >= 500 || status === 408) return ['unknown', `HTTP ${status}${seen}`];
  return ['again', `HTTP ${status}${seen}: is a proxy in the way, or api_url wrong?`];
}

const ofStranger = (excerpt: string): Verdict => [
  'again',
  `an answer that is not Slack's: "${excerpt}"; does a captive proxy answer? Look at the way out, and at api_url`,
];

function ofCode(code: string, mishap: Mishap): Verdict {
  const remedy = Object.hasOwn(CLOSED, code) ? CLOSED[code] : undefined;
  if (remedy !== undefined) {
    const scope = mishap.needed === undefined ? '' : ` (${mishap.needed})`;
    return ['closed', `${code}${scope}: ${remedy}`];
  }
  if (LIMITED.has(code)) return ['limited', ofLimit(mishap)[1]];
  if (DISTASTE.has(code)) return ['refused', `${code}: refused even as plain text`];
  if (OPEN.has(code)) return ['unknown', `${code}: Slack failed, and may have done part of it`];
  return ['again', code];
}

/** The connection was not there, or was not trusted: nothing can have been sent. */
const NEVER_SENT =
  /^(ECONNREFUSED|ENOTFOUND|EAI_\w+|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|EADDRNOTAVAIL|EACCES|EPERM|UND_ERR_CONNECT_TIMEOUT|ERR_TLS_\w+|ERR_SSL_\w+|CERT_\w+|SELF_SIGNED_\w+|DEPTH_ZERO_\w+|UNABLE_TO_\w+|redirect|unsent)$/;

const HINTS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the name does not resolve: is the DNS server up, and not the one that is watched?',
  EAI_AGAIN:
    'the name does not resolve now: is the DNS server up, and not the one that is watched?',
  ECONNREFUSED: 'nobody listens there: is api_url right, is a firewall in the way?',
  redirect: 'it was redirected elsewhere: does a captive proxy answer?',
  late: 'no answer within the deadline',
  unsent: 'given up before it was sent',
};

function ofNetwork(system: string): Verdict {
  const hint = Object.hasOwn(HINTS, system) ? HINTS[system] : undefined;
  const isCode = /[A-Z]/.test(system);
  const sentence = hint === undefined ? system : isCode ? `${system}: ${hint}` : hint;
  if (NEVER_SENT.test(system)) return ['again', sentence];
  return ['unknown', `${sentence}; it may have been accepted`];
}
