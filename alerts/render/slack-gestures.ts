import { printable } from '../../src/core/printable.ts';
import { DeliveryFailure, type Channel, type Gesture } from '../notifier.ts';
import { dataOf, fields, list, text, type Call } from './slack-call.ts';
import { LOST } from './slack-failure.ts';
import { rootOf } from './slack-receipt.ts';

/** What a reaction to the root means. */
const MEANING: Readonly<Record<string, Gesture['does']>> = {
  eyes: 'acknowledge',
  white_check_mark: 'acknowledge',
  no_bell: 'silence',
};

interface Reaction {
  readonly does: Gesture['does'];
  readonly user: string;
}

/**
 * What people did to the roots with a reaction: see `Channel.gestures`. All that stand there are
 * told each time, and the app's own are not. Who reacted is told by name where the scope `users:read`
 * allows, else by id.
 */
export function watchingOver(call: Call, channel: string): NonNullable<Channel['gestures']> {
  const names = new Map<string, string>();
  let self: string | undefined;
  return async (threads, signal) => {
    const gestures: Gesture[] = [];
    for (const thread of threads) {
      const root = rootOf(thread, channel);
      const reactions = root === undefined ? [] : await reactionsTo(call, channel, root.ts, signal);
      if (reactions.length > 0) self ??= await ownId(call, signal);
      for (const { does, user } of reactions.filter((reaction) => reaction.user !== self)) {
        const by = await nameOf(call, names, user, signal);
        gestures.push({ episode: thread.episode, does, by });
      }
    }
    return gestures;
  };
}

async function reactionsTo(
  call: Call,
  channel: string,
  timestamp: string,
  signal: AbortSignal,
): Promise<readonly Reaction[]> {
  const answer = await call('reactions.get', { channel, timestamp, full: true }, signal);
  if (answer.is === 'no' && LOST.has(answer.code ?? '')) return [];
  if (answer.is === 'no' && answer.code === 'missing_scope') {
    // Messages still get through: this alone must not close the channel.
    throw new DeliveryFailure(
      'refused',
      'Slack reactions.get: missing_scope: add reactions:read to the app and reinstall it, or set acknowledge_by_reaction: false',
    );
  }
  return list(fields(dataOf(answer)['message'])['reactions']).flatMap(({ name, users }) => {
    const does = Object.hasOwn(MEANING, String(name)) ? MEANING[String(name)] : undefined;
    if (does === undefined || !Array.isArray(users)) return [];
    return users.filter((user) => typeof user === 'string').map((user) => ({ does, user }));
  });
}

const ownId = async (call: Call, signal: AbortSignal): Promise<string | undefined> =>
  text(dataOf(await call('auth.test', {}, signal))['user_id']);

async function nameOf(
  call: Call,
  names: Map<string, string>,
  user: string,
  signal: AbortSignal,
): Promise<string> {
  const known = names.get(user);
  if (known !== undefined) return known;
  const answer = await call('users.info', { user }, signal);
  // What Slack refuses it will refuse again; what went wrong on the way may go right next time.
  if (answer.is === 'no' && answer.code === undefined) return user;
  const name = answer.is === 'no' ? user : (shownName(fields(answer.data['user'])) ?? user);
  names.set(user, name);
  return name;
}

function shownName(user: Readonly<Record<string, unknown>>): string | undefined {
  const name = text(fields(user['profile'])['display_name']) ?? text(user['real_name']);
  const found = name ?? text(user['name']);
  return found === undefined ? undefined : printable(found, 80);
}
