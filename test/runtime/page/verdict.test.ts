import { expect, test, it } from 'vitest';
import type { Observation } from '../../../src/core/metric.ts';
import { viewOf } from '../../../src/runtime/page/view.ts';
import { inState, sample, seen, sources } from '../../support/page.ts';
import { region } from '../../support/region.ts';
import { result } from '../../support/results.ts';

const verdict = (changes: readonly Observation[], gone?: (each: Observation) => boolean) =>
  viewOf(sources({ results: seen(changes, gone) }), undefined)?.region?.verdict;

const isUrl = (each: Observation): boolean => each.metric.name === 'maasha_region_url_state';
const named = (name: string) => (each: Observation) => each.metric.name === name;

test.each([
  ['all is well', [], undefined, 'UP'],
  ['the address is silent', [sample('maasha_vip_up', 0)], undefined, 'DOWN'],
  ['nothing listens there', [sample('maasha_vip_ports_open', 0)], undefined, 'DOWN'],
  [
    'the application has no database',
    inState('maasha_region_url_state', 'no_database', {}),
    isUrl,
    'DOWN',
  ],
  ['SQL is silent', [sample('maasha_vip_sql_up', 0)], undefined, 'DOWN'],
  ['nothing can be written', [sample('maasha_vip_sql_writable', 0)], undefined, 'DOWN'],
  [
    'two hold the address',
    [sample('maasha_vip_owner', 1, { node: 'rc2' })],
    undefined,
    'UP, IN DANGER',
  ],
  ['nobody could ask the address', [], named('maasha_vip_up'), 'NOT KNOWN'],
  [
    'the monitor is cut off',
    [sample('maasha_monitor_isolated', 1), sample('maasha_vip_up', 0)],
    undefined,
    'NOT KNOWN',
  ],
] as const)('says whether it is up when %s', (_, changes, gone, word) => {
  expect(verdict(changes, gone)?.up.word).toBe(word);
});

test.each([
  ['critical', 'UP, IN DANGER', 'bad'],
  ['warning', 'UP, WITH WARNINGS', 'warning'],
  ['unknown', 'UP, AS FAR AS SEEN', 'unknown'],
  ['ok', 'UP', 'good'],
] as const)('is never better than its worst check, which is %s', (state, word, sign) => {
  const results = seen().map((each) => ({ ...each, state }));
  expect(viewOf(sources({ results }), undefined)?.region?.verdict.up).toMatchObject({ word, sign });
});

it('knows nothing before anything has been looked at', () => {
  const view = viewOf(sources({ results: [] }), undefined);
  expect(view?.region?.verdict.up).toMatchObject({ word: 'NOT KNOWN', sign: 'unknown' });
  expect(view?.region?.verdict.spare.sign).toBe('unknown');
});

test.each([
  [1, 'good', 'YES'],
  [0, 'warning', 'NO SPARE'],
] as const)(
  'answers the second question from the check that proves it: %d',
  (value, sign, word) => {
    expect(verdict([sample('maasha_region_redundant', value)])?.spare).toMatchObject({
      sign,
      word,
    });
  },
);

it('takes a redundancy that nobody proved for unknown', () => {
  expect(verdict([], named('maasha_region_redundant'))?.spare).toMatchObject({
    sign: 'unknown',
    word: 'NOT KNOWN',
  });
});

it('says of one node that no failure of it is survivable', () => {
  const one = region({ nodes: [{ name: 'rc1', address: '172.31.16.32' }] });
  const view = viewOf(sources({ regions: [one] }), undefined);
  expect(view?.region?.verdict.spare.word).toBe('NO SPARE');
});

it('says what has just moved, and to whom', () => {
  const moved = verdict([sample('maasha_failover_recent', 1, { of: 'vip' })])?.moved;
  expect(moved).toBe('The virtual address moved to rc1 within the last two minutes.');
});

it('puts the worst region first, and shows one of several by its name only', () => {
  const regions = [region({ name: 'well' }), region({ name: 'ill' })];
  const results = [
    ...seen().map((each) => ({ ...each, region: 'well' })),
    ...seen([sample('maasha_vip_up', 0)]).map((each) => ({ ...each, region: 'ill' })),
  ];
  const all = viewOf(sources({ regions, results }), undefined);
  expect(all?.lines.map(({ name, sign }) => `${name} ${sign}`)).toEqual(['ill bad', 'well good']);
  expect(all?.region).toBeUndefined();
  expect(viewOf(sources({ regions, results }), 'well')?.region?.name).toBe('well');
  expect(viewOf(sources({ regions, results }), 'none')).toBeUndefined();
});

it('shows a check that has never run as that', () => {
  const view = viewOf(sources({ results: [result('another')] }), undefined);
  expect(view?.region?.looks).toMatchObject([{ check: 'vip', sign: 'unknown', state: 'waiting' }]);
});
