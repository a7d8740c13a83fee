import {
  DeliveryFailure,
  type Channel,
  type Notifier,
  type Parcel,
  type Receipt,
} from '../../alerts/notifier.ts';
import { begins, ends } from '../../alerts/notice.ts';
import { isSettled } from '../../alerts/outbox/delivery.ts';
import type { Mutant, Tools } from './mutant.ts';
import { changeStore } from './mutate-store.ts';

/*
 * The monitor with the defects that real alerters have or had (report on alerting, section 0), each put
 * in from outside. The checker must notice every one.
 */

type Send = Channel['send'];

/** The notifier with another way to send. */
const sending =
  (change: (send: Send, tools: Tools, channel: string) => Send) =>
  (notifier: Notifier, tools: Tools): Notifier => ({
    ...notifier,
    open: (settings, around) => {
      const opened = notifier.open(settings, around);
      if (opened.is === 'mirror') return opened;
      const send = change(opened.send.bind(opened), tools, around.channel);
      return {
        is: 'channel',
        send,
        ...(opened.find !== undefined && {
          find: async (parcel, thread, since, signal) =>
            opened.find?.(parcel, thread, since, signal),
        }),
        test: opened.test.bind(opened),
        close: opened.close.bind(opened),
      };
    },
  });

/** Alertmanager: the end of what was inhibited or silenced meanwhile is never told. */
const dropsHiddenClose: Mutant = {
  name: 'the close of what was folded or silenced is dropped',
  breaks: 'P2',
  provoked: (script) => ({
    ...script,
    steps: script.steps.map((step, index) => ({
      ...step,
      readings: { ...step.readings, nodes: index < 12 ? ['rc1'] : [] },
      deeds: index === 5 ? [{ does: 'silence', check: 'nodes', lasts: 300 }] : [],
    })),
  }),
  wrap: sending((send) => {
    const hidden = new Set<string>();
    return async (parcel, thread, signal) => {
      const { kind, episode } = parcel.notice;
      if (kind === 'fold' || kind === 'mute') hidden.add(episode.id);
      if (kind === 'close' && hidden.has(episode.id)) return { dropped: true };
      return send(parcel, thread, signal);
    };
  }),
};

/** Gatus, Healthchecks: what is about to be sent counts as sent, and an error is only logged. */
const marksBeforeSend: Mutant = {
  name: 'a row is marked as sent before it is',
  breaks: 'P1',
  at: (label, ledger) => {
    if (label !== 'send:before') return;
    const deliveries = ledger
      .deliveries()
      .filter(({ stage }) => stage === 'leased')
      .map((each) => ({ ...each, stage: 'sent' as const, receipt: {} }));
    ledger.commit({ deliveries });
  },
  wrap: sending(
    (send) => (parcel, thread, signal) => send(parcel, thread, signal).catch((): Receipt => ({})),
  ),
};

const ignoresRetryAfter: Mutant = {
  name: 'Retry-After is ignored',
  breaks: 'Retry-After',
  wrap: sending(
    (send) => (parcel, thread, signal) =>
      send(parcel, thread, signal).catch((error: unknown) => {
        throw error instanceof DeliveryFailure && error.trouble === 'limited'
          ? new DeliveryFailure('again', error.message)
          : error;
      }),
  ),
};

/** Prometheus: a failed scrape looks like a recovery. */
const resolvesUnknown: Mutant = {
  name: 'unknown resolves',
  breaks: 'P6',
  provoked: (script) => ({
    ...script,
    steps: script.steps.map((step, index) => ({
      ...step,
      readings: { ...step.readings, nodes: index < 4 ? ['rc1'] : 'unknown' },
    })),
  }),
  feed: (act) => (act.is === 'look' && act.readings === 'unknown' ? { ...act, readings: [] } : act),
};

/** Alertmanager's notification log: what was sent is forgotten, thread ids included. */
const forgetsReceipts: Mutant = {
  name: 'receipts are forgotten',
  breaks: 'root',
  wrap: sending((send) => async (parcel, thread, signal) => {
    await send(parcel, thread, signal);
    return {};
  }),
};

const sendsLeasedAgain: Mutant = {
  name: 'what was under way is sent again without a question',
  breaks: 'P3',
  between: changeStore((delivery) =>
    delivery.stage === 'leased' || delivery.stage === 'doubtful'
      ? { ...delivery, stage: 'queued' }
      : delivery,
  ),
};

/** OnCall: one queue for all channels. */
const oneQueue = (): Mutant => {
  const stuck = new Set<string>();
  return {
    name: 'a dead channel blocks the others',
    breaks: 'P11',
    wrap: sending((send, _, channel) => async (parcel, thread, signal) => {
      if ([...stuck].some((other) => other !== channel))
        throw new DeliveryFailure('again', 'behind another message');
      stuck.add(channel);
      const receipt = await send(parcel, thread, signal);
      stuck.delete(channel);
      return receipt;
    }),
  };
};

const overtakes: Mutant = {
  name: 'an update overtakes the open',
  breaks: 'P4',
  wrap: sending((send, tools, channel) => {
    const done = new Map<string, Receipt>();
    return async (parcel, thread, signal) => {
      const known = done.get(parcel.id);
      if (known !== undefined) return known;
      const next = nextOf(parcel, channel, tools);
      if (next !== undefined && begins(parcel.notice))
        done.set(next.id, await send(next, thread, signal));
      return send(parcel, thread, signal);
    };
  }),
};

/** What waits behind a parcel. */
const nextOf = ({ notice }: Parcel, channel: string, { ledger }: Tools): Parcel | undefined =>
  ledger()
    ?.deliveriesOfEpisode(notice.episode.id)
    .find(
      (each) =>
        each.channel === channel &&
        each.stage === 'queued' &&
        !isSettled(each) &&
        !ends(each.notice) &&
        each.notice.kind !== notice.kind,
    );

const newEpisode: Mutant = {
  name: 'an episode has a new id after a restart',
  breaks: 'P10',
  between: changeStore(undefined, (alert) => ({
    ...alert,
    ...(alert.episode !== undefined && {
      episode: { ...alert.episode, id: `${alert.episode.id.slice(0, -2)}ZZ` },
    }),
  })),
};

/** Prometheus: a restart begins the wait anew. */
const forgetsWaiting: Mutant = {
  name: 'what has waited begins anew after a restart',
  breaks: 'P9',
  provoked: (script) => ({
    ...script,
    steps: script.steps.map((step) => ({
      ...step,
      readings: { ...step.readings, disks: ['rc1'] },
    })),
  }),
  between: changeStore(undefined, (alert) => ({
    ...alert,
    condition:
      alert.condition.is === 'pending'
        ? { ...alert.condition, elapsed: 0 as typeof alert.condition.elapsed, samples: 0 }
        : alert.condition,
  })),
};

/** Each made anew, since some remember. */
export const mutants = (): readonly Mutant[] => [
  dropsHiddenClose,
  marksBeforeSend,
  ignoresRetryAfter,
  resolvesUnknown,
  forgetsReceipts,
  sendsLeasedAgain,
  oneQueue(),
  overtakes,
  newEpisode,
  forgetsWaiting,
];
