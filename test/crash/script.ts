import { chanceOf, type Chance } from './chance.ts';
import { CHECK_NAMES, NODES, type CheckName, type NodeName, type Readings } from './house.ts';

/*
 * A history before it happens: what goes wrong in the region, in the channels and with the monitor,
 * drawn from one seed.
 */

export const CHANNELS = ['slack', 'email', 'alertmanager'] as const;
export type ChannelName = (typeof CHANNELS)[number];

/** How the next message to a channel goes wrong. `accepts`: it is taken all the same, and the answer lost. */
export interface Fault {
  readonly channel: ChannelName;
  /** `later`: asks for another attempt; `partial`: refused for one of two recipients; `denied`: until a person has mended it. */
  readonly is:
    'limited' | 'later' | 'failed' | 'drops' | 'hangs' | 'refused' | 'partial' | 'denied';
  readonly accepts?: boolean;
  readonly retryAfter?: number;
}

/** What an operator does. */
export type Deed =
  | { readonly does: 'acknowledge'; readonly check: CheckName }
  | { readonly does: 'silence'; readonly check: CheckName; readonly lasts: number };

/** Ten seconds of the history: every check finishes once. */
export interface Step {
  readonly readings: Readonly<Record<CheckName, Readings>>;
  readonly deeds: readonly Deed[];
  readonly faults: readonly Fault[];
  /** Channels that take nothing during it. */
  readonly out: readonly ChannelName[];
}

/** Where the monitor dies. `wire`: the other end has taken a message and not answered yet. */
export const LABELS = [
  'commit:before',
  'commit:after',
  'send:before',
  'send:after',
  'receipt:after',
  'wire',
] as const;
export type Label = (typeof LABELS)[number];

export interface Crash {
  readonly label: Label;
  /** It dies when it comes there for this time in its life, from 1. */
  readonly nth: number;
  /** Seconds until it is started again. */
  readonly down: number;
}

export interface Script {
  readonly seed: number;
  readonly steps: readonly Step[];
  /** The first life ends by the first crash, and so on. */
  readonly crashes: readonly Crash[];
}

interface Trouble {
  readonly check: CheckName;
  readonly node: NodeName;
  readonly from: number;
  readonly to: number;
}

export function scriptOf(seed: number): Script {
  const chance = chanceOf(seed);
  const length = chance.whole(14, 26);
  const troubles = troublesOf(chance);
  const blind = maybe(chance, 0.35, () => ({
    check: chance.pick(CHECK_NAMES),
    ...span(chance, length, 2, 9),
  }));
  const outages = CHANNELS.flatMap((channel) =>
    maybe(chance, 0.3, () => ({ channel, ...span(chance, length, 2, 16) })),
  );
  const readingsAt = (step: number, check: CheckName): Readings =>
    blind.some((each) => each.check === check && within(each, step))
      ? 'unknown'
      : NODES.filter((node) =>
          troubles.some((each) => each.check === check && each.node === node && within(each, step)),
        );
  return {
    seed,
    steps: Array.from({ length }, (_, step) => ({
      readings: {
        nodes: readingsAt(step, 'nodes'),
        databases: readingsAt(step, 'databases'),
        disks: readingsAt(step, 'disks'),
      },
      deeds: maybe(chance, 0.08, () => deedOf(chance)),
      faults: maybe(chance, 0.25, () => faultOf(chance)),
      out: outages.filter((each) => within(each, step)).map(({ channel }) => channel),
    })),
    crashes: Array.from({ length: chance.whole(1, 3) }, () => crashOf(chance)),
  };
}

const maybe = <Value>(chance: Chance, probability: number, make: () => Value): readonly Value[] =>
  chance.is(probability) ? [make()] : [];

interface Span {
  readonly from: number;
  readonly to: number;
}

const within = ({ from, to }: Span, step: number): boolean => step >= from && step < to;

function span(chance: Chance, length: number, shortest: number, longest: number): Span {
  const from = chance.whole(0, Math.max(0, length - 6));
  return { from, to: from + chance.whole(shortest, longest) };
}

/** Early, so that there is something to die of. */
function begin(chance: Chance): Span {
  const from = chance.whole(0, 6);
  return { from, to: from + chance.whole(3, 14) };
}

/** A node that fails takes its database with it. */
function troublesOf(chance: Chance): readonly Trouble[] {
  return Array.from({ length: chance.whole(1, 3) }, () => ({
    check: chance.pick(['nodes', 'nodes', 'databases', 'disks'] as const),
    node: chance.pick(NODES),
    ...begin(chance),
  })).flatMap((trouble): readonly Trouble[] =>
    trouble.check !== 'nodes'
      ? [trouble]
      : [
          trouble,
          {
            ...trouble,
            check: 'databases',
            from: trouble.from + chance.whole(0, 1),
            to: trouble.to + chance.whole(0, 1),
          },
        ],
  );
}

const deedOf = (chance: Chance): Deed =>
  chance.is(0.5)
    ? { does: 'acknowledge', check: chance.pick(CHECK_NAMES) }
    : { does: 'silence', check: chance.pick(CHECK_NAMES), lasts: chance.whole(30, 300) };

function faultOf(chance: Chance): Fault {
  const channel = chance.pick(['slack', 'slack', 'email', 'email', 'alertmanager'] as const);
  switch (channel) {
    case 'slack': {
      const is = chance.pick([
        'limited',
        'limited',
        'failed',
        'drops',
        'hangs',
        'refused',
      ] as const);
      const named = is === 'limited' && chance.is(0.7);
      return {
        channel,
        is,
        ...(['failed', 'drops', 'hangs'].includes(is) && { accepts: chance.is(0.6) }),
        ...(named && { retryAfter: chance.whole(2, 90) }),
      };
    }
    case 'email': {
      const is = chance.pick([
        'later',
        'later',
        'drops',
        'hangs',
        'partial',
        'refused',
        'denied',
      ] as const);
      return { channel, is, ...(['drops', 'hangs'].includes(is) && { accepts: true }) };
    }
    case 'alertmanager':
      return { channel, is: chance.pick(['failed', 'drops'] as const) };
  }
}

function crashOf(chance: Chance): Crash {
  const label = chance.pick(LABELS);
  const most = label.startsWith('commit') ? 90 : 6;
  return { label, nth: chance.whole(1, most), down: chance.pick([1, 3, 10, 25, 45]) };
}
