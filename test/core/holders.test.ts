import { expect, it } from 'vitest';
import type { CheckResult } from '../../src/core/check.ts';
import { holdersOf, moves } from '../../src/core/holders.ts';
import { gauge, observe, observeState, stateset, type Observation } from '../../src/core/metric.ts';

const role = stateset({
  name: 'maasha_postgres_role',
  help: '.',
  labels: ['node'],
  states: ['primary', 'standby'],
});
const escalated = gauge({ name: 'maasha_pgpool_watchdog_escalated', help: '.', labels: ['node'] });

const owner = gauge({ name: 'maasha_vip_owner', help: '.', labels: ['node'] });

const seen = (...observations: Observation[]) =>
  holdersOf([{ observations } as unknown as CheckResult]);
const primary = (node: string) => observeState(role, 'primary', { node });

it('names who holds what, and leaves out what is not known', () => {
  expect(seen(...primary('rc1'), ...observeState(role, 'standby', { node: 'rc2' }))).toEqual({
    primary: 'rc1',
  });
  expect(
    seen(observe(escalated, 1, { node: 'rc2' }), observe(escalated, 0, { node: 'rc1' })),
  ).toEqual({ vip: 'rc2' });
});

it('takes the owner of the address from its witnesses, and from pgpool only where they do not know', () => {
  const should = observe(escalated, 1, { node: 'rc1' });
  const holds = (rc1: number, rc2: number) => [
    observe(owner, rc1, { node: 'rc1' }),
    observe(owner, rc2, { node: 'rc2' }),
  ];
  expect(seen(should)).toEqual({ vip: 'rc1' });
  expect(seen(should, ...holds(0, 1))).toEqual({ vip: 'rc2' });
  expect(seen(should, ...holds(1, 1))).toEqual({ vip: 'rc1 AND rc2' });
  // Nobody holds it: that pgpool says who should is no holder.
  expect(seen(should, ...holds(0, 0))).toEqual({});
});

it('tells a failover in one sentence', () => {
  expect(moves({ primary: 'rc1' }, { primary: 'rc2' })).toEqual([
    'the primary is now rc2 (before: rc1)',
  ]);
});

it('tells two holders as two', () => {
  expect(moves({ primary: 'rc1' }, seen(...primary('rc1'), ...primary('rc2')))).toEqual([
    'the primary is now rc1 AND rc2 (before: rc1)',
  ]);
});

it.each([
  [{ vip: 'rc1' }, {}],
  [{}, { vip: 'rc1' }],
  [{ vip: 'rc1' }, { vip: 'rc1' }],
])('tells nothing of %j after %j', (before, after) => {
  expect(moves(before, after)).toEqual([]);
});
