import { describe, expect, it } from 'vitest';
import type { Slot } from '../../../src/analysis/capacity/rows.ts';
import { describeSlots, idleSince } from '../../../src/analysis/capacity/slots.ts';
import { formatBytes } from '../../../src/analysis/capacity/words.ts';
import { instant, seconds } from '../../../src/core/time.ts';

const slot = (name: string, changes: Partial<Slot> = {}): Slot => ({
  name,
  active: true,
  status: 'reserved',
  restart: 1n,
  retained: 100,
  safe: undefined,
  inactive: undefined,
  ...changes,
});
const now = instant(600_000);

const seen = (slots: readonly Slot[], idle = {}) =>
  describeSlots('rc1', slots, idle, now).flatMap((note) =>
    note.kind === 'observation' ? [note] : [],
  );
const names = (slots: readonly Slot[]): readonly string[] => [
  ...new Set(seen(slots).map(({ labels }) => labels['slot'] ?? '')),
];
const valueOf = (slots: readonly Slot[], metric: string, name: string, state?: string) =>
  seen(slots).find(
    (each) =>
      each.metric.name.endsWith(metric) &&
      each.labels['slot'] === name &&
      each.labels['state'] === state,
  )?.value;

describe('slots', () => {
  it('have series of their own up to ten, and one for the sum of the rest', () => {
    const many = Array.from({ length: 13 }, (_, index) =>
      slot(`slot_${String(index).padStart(2, '0')}`),
    );
    expect(names(many)).toHaveLength(11);
    expect(valueOf(many, 'retained_bytes', 'others')).toBe(300);
  });

  it('let no name into a label that PostgreSQL would not have made', () => {
    const odd = [slot('a'.repeat(64)), slot('a"b\nc'), slot('others'), slot('')];
    expect(names(odd)).toEqual(['others']);
  });

  it('are as bad together as the worst of them', () => {
    const odd = [slot('A'), slot('B', { status: 'lost' }), slot('C', { status: 'strange' })];
    expect(valueOf(odd, 'slot_state', 'others', 'lost')).toBe(1);
    expect(valueOf(odd, 'slot_state', 'others', 'reserved')).toBe(0);
  });

  it('are of an unknown state where the server does not tell', () => {
    expect(valueOf([slot('a', { status: undefined })], 'slot_state', 'a', 'unknown')).toBe(1);
  });

  it('are idle since the server says so, else since it was seen, and never when they are used', () => {
    const since = { a: instant(300_000), b: instant(300_000), c: instant(300_000) };
    const told = [
      slot('a', { active: false }),
      slot('b', { active: false, inactive: seconds(7200) }),
      slot('c'),
    ];
    const idle = seen(told, since).filter(({ metric }) => metric.name.endsWith('inactive_seconds'));
    expect(idle.map(({ value }) => value)).toEqual([300, 7200, 0]);
  });

  it('keep the moment from which on they are idle, unless it is to come', () => {
    const idle = [slot('a', { active: false }), slot('b', { active: false }), slot('c')];
    const before = { a: instant(1000), b: instant(900_000), c: instant(1), gone: instant(1) };
    expect(idleSince(idle, before, now)).toEqual({ a: 1000, b: now });
  });

  it('that are not there any more are told to be gone', () => {
    const gone = describeSlots('rc1', [], {}, now);
    expect(gone.map((note) => note.kind === 'inapplicable' && note.labels)).toEqual(
      gone.map(() => ({ node: 'rc1' })),
    );
    expect(gone).toHaveLength(2);
  });
});

describe('bytes in words', () => {
  it.each([
    [0, '0 bytes'],
    [512, '512 bytes'],
    [-16_777_216, '16 MiB'],
    [1_610_612_736, '1.5 GiB'],
    [1n << 50n, '1024 TiB'],
  ])('%d is %s', (bytes, words) => {
    expect(formatBytes(bytes)).toBe(words);
  });
});
