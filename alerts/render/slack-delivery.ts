import { instant, type Instant } from '../../src/core/time.ts';
import type { Notice } from '../notice.ts';
import { DeliveryFailure, type Channel, type Parcel, type Receipt } from '../notifier.ts';
import type { Message } from './slack-blocks.ts';
import { dataOf, fields, list, text, type Answer, type Call, type Fields } from './slack-call.ts';
import { DISTASTE, LOST } from './slack-failure.ts';
import { makesRoot, receiptOfRoot, rootOf, type RootMessage } from './slack-receipt.ts';
import {
  isBroadcast,
  plainText,
  replyMessage,
  rootMessage,
  testMessage,
  type Setting,
} from './slack.ts';
import { whatHappened } from './words.ts';

/*
 * How a parcel becomes messages: the root is edited first, then the reply is posted. Of the two only
 * the reply must not happen twice, and it comes last: whatever fails before it, or between the two,
 * is healed by doing all of it again. A reply that is found later proves that its edit was made.
 */

const EVENT = 'maas_ha_alert';

export interface Place {
  readonly call: Call;
  readonly channel: string;
  readonly setting: Setting;
}

interface Draft {
  readonly message: Message;
  /** The same, should Slack refuse the blocks. */
  readonly plain: string;
}

/** One attempt to deliver a parcel: see `Channel.send`. */
export const sendingTo =
  (place: Place): Channel['send'] =>
  async (parcel, thread, signal) => {
    const { notice } = parcel;
    const root = rootOf(thread, place.channel);
    if (notice.kind === 'test') {
      const message = testMessage(notice, place.setting);
      const ts = await post(place, parcel, { message, plain: message.text }, {}, signal);
      return { channel: place.channel, ts };
    }
    if (root === undefined) return begin(place, parcel, undefined, signal);
    const lost = await edit(place, notice, root, signal);
    if (lost !== undefined) return begin(place, parcel, lost, signal);
    return reply(place, parcel, root, signal);
  };

/** A message of its own. `lost` says why the one that stood for the episode cannot be edited. */
async function begin(
  place: Place,
  parcel: Parcel,
  lost: string | undefined,
  signal: AbortSignal,
): Promise<Receipt> {
  const { notice } = parcel;
  const news = notice.kind === 'open' || notice.collapsed === true ? '' : whatHappened(notice);
  const gone =
    lost === undefined
      ? ''
      : `The earlier message cannot be edited (${lost}); this one replaces it.`;
  const setting = { ...place.setting, note: [news, gone].join(' ').trim() };
  const draft = { message: rootMessage(notice, setting), plain: plainText(notice, setting) };
  const ts = await post(place, parcel, draft, {}, signal);
  return lost !== undefined || makesRoot(notice)
    ? receiptOfRoot(place.channel, ts, notice)
    : { channel: place.channel, ts };
}

/** Shows the present state in the root. Returns Slack's code when there is nothing to edit any more. */
async function edit(
  { call, channel, setting }: Place,
  notice: Notice,
  { ts, said }: RootMessage,
  signal: AbortSignal,
): Promise<string | undefined> {
  // The mention has done its work, and an edit would not repeat it.
  const calm = { ...setting, mention: undefined, said };
  const draft = { message: rootMessage(notice, calm), plain: plainText(notice, calm) };
  const answer = await tell(call, 'chat.update', { channel, ts, parse: 'none' }, draft, signal);
  if (answer.is === 'ok') return undefined;
  const { code, failure } = answer;
  if (code !== undefined && LOST.has(code)) return code;
  // News that cannot be shown in the root, for a reason that is Slack's own, is still told in the thread.
  if (code !== undefined && ['again', 'refused'].includes(failure.trouble)) return undefined;
  throw failure;
}

async function reply(
  place: Place,
  parcel: Parcel,
  root: RootMessage,
  signal: AbortSignal,
): Promise<Receipt> {
  const { notice } = parcel;
  const draft = {
    message: replyMessage(notice, place.setting),
    plain: plainText(notice, place.setting),
  };
  const where = { thread_ts: root.ts, ...(isBroadcast(notice) && { reply_broadcast: true }) };
  const ts = await post(place, parcel, draft, where, signal);
  return { channel: place.channel, ts, root: root.ts };
}

async function post(
  { call, channel }: Place,
  { id, notice }: Parcel,
  draft: Draft,
  where: Fields,
  signal: AbortSignal,
): Promise<string> {
  const given = {
    channel,
    ...where,
    parse: 'none',
    unfurl_links: false,
    unfurl_media: false,
    metadata: {
      event_type: EVENT,
      event_payload: { delivery: id, episode: notice.episode.id },
    },
  };
  const ts = text(dataOf(await tell(call, 'chat.postMessage', given, draft, signal))['ts']);
  if (ts !== undefined) return ts;
  throw new DeliveryFailure('unknown', 'Slack chat.postMessage: accepted, but without its ts');
}

/** With blocks; as plain text when Slack refuses these. */
async function tell(
  call: Call,
  method: string,
  given: Fields,
  { message, plain }: Draft,
  signal: AbortSignal,
): Promise<Answer> {
  const answer = await call(method, { ...given, ...message }, signal);
  if (answer.is === 'ok' || !DISTASTE.has(answer.code ?? '')) return answer;
  return call(method, { ...given, text: plain, blocks: [], attachments: [] }, signal);
}

const PAGES = 5;
const PAGE = 200;
/** Looked for from so many milliseconds before the attempt: clocks differ. */
const EARLIER = 5000;

/**
 * The message that an attempt may have left behind: see `Channel.find`. Without the scope to read
 * the channel nobody can tell: then the parcel is sent again, and may stand there twice.
 *
 * The newest page is read whatever its times say, so that a clock that was set does not hide it.
 */
export const findingIn =
  ({ call, channel }: Pick<Place, 'call' | 'channel'>): NonNullable<Channel['find']> =>
  async ({ id, notice }, thread, since, signal) => {
    const root = rootOf(thread, channel);
    const seek = (method: string, given: Fields, isPast: (page: readonly Fields[]) => boolean) =>
      search({ call, channel }, method, given, isPast, id, signal);
    const found =
      (root === undefined
        ? undefined
        : await seek('conversations.replies', { ts: root.ts }, () => false)) ??
      (await seek('conversations.history', {}, (page) =>
        page.some((message) => at(message) < since - EARLIER),
      ));
    const ts = text(found?.['ts']);
    if (found === undefined || ts === undefined) return undefined;
    const above = text(found['thread_ts']);
    if (above !== undefined && above !== ts) return { channel, ts, root: above };
    return root !== undefined || makesRoot(notice)
      ? receiptOfRoot(channel, ts, notice)
      : { channel, ts };
  };

const at = (message: Fields): Instant => instant(Number(message['ts']) * 1000);

async function search(
  { call, channel }: Pick<Place, 'call' | 'channel'>,
  method: string,
  given: Fields,
  isPast: (page: readonly Fields[]) => boolean,
  delivery: string,
  signal: AbortSignal,
): Promise<Fields | undefined> {
  let cursor: string | undefined;
  for (let page = 0; page < PAGES; page += 1) {
    const whole = { ...given, channel, limit: PAGE, include_all_metadata: true, cursor };
    const answer = await call(method, whole, signal);
    if (answer.is === 'no' && UNREADABLE.has(answer.code ?? '')) return undefined;
    const data = dataOf(answer);
    const messages = list(data['messages']);
    const found = messages.find((message) => deliveryOf(message) === delivery);
    cursor = text(fields(data['response_metadata'])['next_cursor']);
    if (found !== undefined || cursor === undefined || isPast(messages)) return found;
  }
  return undefined;
}

const UNREADABLE: ReadonlySet<string> = new Set([...LOST, 'missing_scope', 'no_permission']);

function deliveryOf(message: Fields): string | undefined {
  const metadata = fields(message['metadata']);
  return metadata['event_type'] === EVENT
    ? text(fields(metadata['event_payload'])['delivery'])
    : undefined;
}
