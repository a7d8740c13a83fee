import { doesNotApply, evidence, type Note } from '../../core/check.ts';
import { observe, observeState } from '../../core/metric.ts';
import { between, formatDuration, seconds, type Instant, type Seconds } from '../../core/time.ts';
import { slotInactive, slotRetained, slotState } from './metrics.ts';
import type { Slot } from './rows.ts';
import { formatBytes } from './words.ts';

/** Slots with series of their own; what is beyond is one, because names of slots are no configuration. */
const MOST = 10;
const REST = 'others';

type State = (typeof slotState.states)[number];

/** From the best to the worst. */
const STATES: readonly State[] = ['reserved', 'extended', 'unknown', 'unreserved', 'lost'];

const stateOf = ({ status }: Slot): State => STATES.find((state) => state === status) ?? 'unknown';

/** Names as PostgreSQL makes them; anything else is not let into a label. */
const isNamed = ({ name }: Slot): boolean => /^[a-z0-9_]{1,63}$/.test(name) && name !== REST;

/** Since when nobody has used each slot of one server, on the monitor's steady clock. */
export type Idle = Readonly<Record<string, Instant>>;

export const idleSince = (slots: readonly Slot[], before: Idle, now: Instant): Idle =>
  Object.fromEntries(
    slots
      .filter(({ active }) => !active)
      .map(({ name }) => {
        const known = before[name];
        // A moment to come is one of another clock.
        return [name, known === undefined || known > now ? now : known];
      }),
  );

/** What the slots of one server keep. A slot that is not seen any more does not exist any more. */
export function describeSlots(
  node: string,
  slots: readonly Slot[],
  idle: Idle,
  now: Instant,
): readonly Note[] {
  const ordered = slots.filter(isNamed);
  const own = ordered.slice(0, MOST);
  const rest = slots.filter((slot) => !own.includes(slot));
  const unused = (slot: Slot): Seconds => {
    const since = idle[slot.name];
    if (slot.active || since === undefined) return seconds(0);
    return slot.inactive ?? between(since, now);
  };
  return [
    ...own.flatMap((slot) => describeGroup(node, slot.name, [slot], unused)),
    ...(rest.length === 0 ? [] : describeGroup(node, REST, rest, unused)),
    ...slots
      .filter((slot) => !slot.active || stateOf(slot) === 'lost')
      .slice(0, MOST)
      .map((slot) => evidence(node, saySlot(slot, unused(slot)))),
    ...[slotRetained, slotState].map((metric) => doesNotApply(metric, { node })),
  ];
}

function describeGroup(
  node: string,
  slot: string,
  members: readonly Slot[],
  unused: (slot: Slot) => Seconds,
): readonly Note[] {
  const states = members.map(stateOf);
  const worst = STATES.findLast((state) => states.includes(state)) ?? 'unknown';
  const retained = members.reduce((sum, each) => sum + each.retained, 0);
  return [
    observe(slotRetained, retained, { node, slot }),
    ...observeState(slotState, worst, { node, slot }),
    observe(slotInactive, Math.max(...members.map(unused)), { node, slot }),
  ];
}

function saySlot(slot: Slot, unused: Seconds): string {
  const name = JSON.stringify(slot.name);
  if (stateOf(slot) === 'lost') return `slot ${name} has lost the WAL that it was to keep`;
  const since = unused > 0 ? ` for ${formatDuration(unused)}` : '';
  return `slot ${name} is used by nobody${since}, and keeps ${formatBytes(slot.retained)} of WAL`;
}
