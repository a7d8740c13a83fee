import { describe, expect, it, test } from 'vitest';
import { fingerprintOf, identityOf } from '../../alerts/identity.ts';
import { step } from '../../alerts/lifecycle.ts';
import { readingsOf } from '../../alerts/readings.ts';
import { calm } from '../../alerts/stability.ts';
import { noAlerts, type Alert, type Alerts } from '../../alerts/state.ts';
import { doesNotApply, type CheckResult } from '../../src/core/check.ts';
import { CheckFailure } from '../../src/core/failure.ts';
import { gauge, observe, observeState, stateset } from '../../src/core/metric.ts';
import { judge, type Rule } from '../../src/core/rule.ts';
import { instant, seconds } from '../../src/core/time.ts';
import { result as finished } from '../support/results.ts';
import { CATALOGUE, NODE } from './house.ts';

const lost = gauge({ name: 'maasha_test_lost', help: 'Bad is 1.', labels: ['node', 'peer'] });
const bytes = gauge({ name: 'maasha_test_bytes', help: 'Bytes.', labels: ['node', 'stage'] });
const quorum = stateset({
  name: 'maasha_test_quorum',
  help: 'Quorum.',
  labels: ['node'],
  states: ['exists', 'absent'],
});

const rule = (name: string, changes: Pick<Rule, 'metric' | 'when'> & Partial<Rule>): Rule => ({
  name: `MaasHa${name}`,
  severity: 'warning',
  for: seconds(0),
  summary: `${name} on {node}: {value}`,
  ...changes,
});
const LOST = rule('Lost', { metric: lost, when: { equal: 1 } });
const BEHIND = rule('Behind', { metric: bytes, where: { stage: 'replay' }, when: { above: 10 } });
const NO_QUORUM = rule('NoQuorum', {
  metric: quorum,
  where: { state: 'absent' },
  when: { equal: 1 },
});
const RULES = [LOST, BEHIND, NO_QUORUM];

/** An alert that stands, as the life cycle keeps it. */
const standing = (of: Rule, labels: Record<string, string>): Alert => ({
  fingerprint: fingerprintOf('maas3', of.name, identityOf(of, labels)),
  rule: of.name,
  check: 'test',
  labels: identityOf(of, labels),
  severity: of.severity,
  value: 77,
  summary: 'as it was seen last',
  condition: { is: 'firing', since: seconds(0) },
  visibility: { is: 'visible' },
  ownership: { is: 'unacked' },
  stability: calm(seconds(0)),
  knowledge: { is: 'fresh', at: seconds(0), unbroken: true },
});

const NOW = { steady: instant(5e6), wall: instant(1e12) };
const known = (...alerts: readonly Alert[]): Alerts => ({
  ...noAlerts('maas3', NOW),
  alerts: Object.fromEntries(alerts.map((alert) => [alert.fingerprint, alert])),
});

const rc1 = standing(LOST, { node: 'rc1', peer: 'rc2' });
const rc2 = standing(LOST, { node: 'rc2', peer: 'rc1' });
const behind = standing(BEHIND, { node: 'rc2', stage: 'replay' });
const split = standing(NO_QUORUM, { node: 'rc1', state: 'absent' });
const all = known(rc1, rc2, behind, split);

const result = (changes: Partial<CheckResult>): CheckResult => {
  const { observations = [] } = changes;
  return finished('test', observations, { findings: judge(RULES, observations), ...changes });
};

/** What is known of each standing alert after one round. */
const read = (changes: Partial<CheckResult>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readingsOf(result(changes), RULES, all).map(({ fingerprint, sample }) => [
      fingerprint.replace('maas3/MaasHa', ''),
      sample === undefined ? 'unknown' : sample.bad ? 'bad' : 'good',
    ]),
  );

const UNKNOWN = {
  'Lost{"node":"rc1","peer":"rc2"}': 'unknown',
  'Lost{"node":"rc2","peer":"rc1"}': 'unknown',
  'Behind{"node":"rc2"}': 'unknown',
  'NoQuorum{"node":"rc1"}': 'unknown',
};

describe('an alert without a sample', () => {
  it('is unknown where nothing is said of it', () => {
    expect(read({})).toEqual(UNKNOWN);
  });

  test.each([
    [
      'with all its labels',
      doesNotApply(lost, { node: 'rc1', peer: 'rc2' }),
      ['Lost{"node":"rc1","peer":"rc2"}'],
    ],
    ['with one of them', doesNotApply(lost, { peer: 'rc1' }), ['Lost{"node":"rc2","peer":"rc1"}']],
    [
      'with none',
      doesNotApply(lost, {}),
      ['Lost{"node":"rc1","peer":"rc2"}', 'Lost{"node":"rc2","peer":"rc1"}'],
    ],
    ['with others', doesNotApply(lost, { node: 'rc1', peer: 'rc3' }), []],
    [
      'without the label that the rule fixes',
      doesNotApply(bytes, { node: 'rc2' }),
      ['Behind{"node":"rc2"}'],
    ],
    [
      'with the label as the rule fixes it',
      doesNotApply(bytes, { stage: 'replay' }),
      ['Behind{"node":"rc2"}'],
    ],
    ['with that label of another value', doesNotApply(bytes, { stage: 'sent' }), []],
    ['as a stateset', doesNotApply(quorum, { node: 'rc1' }), ['NoQuorum{"node":"rc1"}']],
  ])('is good where the check says that it does not exist: %s', (_, note, good) => {
    expect(read({ inapplicable: [note] })).toEqual({
      ...UNKNOWN,
      ...Object.fromEntries(good.map((each) => [each, 'good'])),
    });
  });

  it('keeps the value and the words of its last bad sample', () => {
    const inapplicable = [doesNotApply(lost, {})];
    const [reading] = readingsOf(result({ inapplicable }), [LOST], known(rc1));
    expect(reading?.sample).toEqual({ bad: false, value: 77, summary: 'as it was seen last' });
  });

  it('is unknown when the run came to nothing, whatever the result still holds', () => {
    const failure = new CheckFailure('timeout', 'no answer');
    const inapplicable = [lost, bytes, quorum].map((metric) => doesNotApply(metric, {}));
    const observations = [observe(lost, 0, { node: 'rc1', peer: 'rc2' })];
    expect(read({ failure, inapplicable, observations })).toEqual(UNKNOWN);
  });
});

it('a sample is stronger than the word that the thing does not exist', () => {
  const observations = [
    observe(lost, 1, { node: 'rc1', peer: 'rc2' }),
    ...observeState(quorum, 'absent', { node: 'rc1' }),
  ];
  const inapplicable = [doesNotApply(lost, {}), doesNotApply(quorum, {})];
  expect(read({ observations, inapplicable })).toEqual({
    ...UNKNOWN,
    'Lost{"node":"rc1","peer":"rc2"}': 'bad',
    'Lost{"node":"rc2","peer":"rc1"}': 'good',
    'NoQuorum{"node":"rc1"}': 'bad',
  });
});

it('nothing is read of an alert that nobody knows', () => {
  const inapplicable = [doesNotApply(lost, {})];
  expect(readingsOf(result({ inapplicable }), [LOST], known())).toEqual([]);
});

describe('the life of an alert whose thing is gone', () => {
  const node = NODE.metric;
  const bad = [observe(node, 1, { node: 'rc2' })];
  const there = finished('net', bad, { findings: judge([NODE], bad) });
  const gone = finished('net', [], { inapplicable: [doesNotApply(node, {})] });

  /** What was said, with the second of the round, in rounds of ten seconds. */
  const live = (rounds: readonly CheckResult[]): readonly string[] => {
    let state = noAlerts('maas3', NOW);
    return rounds.flatMap((round, index) => {
      const passed = 10_000 * index;
      const outcome = step(
        state,
        { is: 'round', result: round },
        {
          now: { steady: instant(NOW.steady + passed), wall: instant(NOW.wall + passed) },
          catalogue: CATALOGUE,
          mint: () => 'episode',
        },
      );
      state = outcome.state;
      return outcome.transitions.map(({ kind }) => `${passed / 1000} ${kind}`);
    });
  };
  const times = (count: number, round: CheckResult): readonly CheckResult[] =>
    Array.from({ length: count }, () => round);

  it('recovers as any other does, and is closed once', () => {
    const said = live([...times(6, there), ...times(20, gone)]);
    const { keepFor } = CATALOGUE.timers.patience.warning;
    expect(said.filter((each) => each.endsWith('open'))).toHaveLength(1);
    expect(said.filter((each) => each.endsWith('recover'))).toEqual(['60 recover']);
    expect(said.filter((each) => each.endsWith('close'))).toEqual([`${60 + keepFor} close`]);
  });

  it('goes on when it is seen again before its time', () => {
    const said = live([...times(6, there), ...times(3, gone), ...times(3, there)]);
    expect(said.some((each) => each.endsWith('close'))).toBe(false);
    expect(said.at(-1)).toBe('90 relapse');
  });
});
