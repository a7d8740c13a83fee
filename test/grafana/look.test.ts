import { describe, expect, it } from 'vitest';
import { stepsOf } from '../../grafana/limits.ts';
import { COLOUR, mappingsOf, TONES } from '../../grafana/look.ts';
import { placed } from '../../grafana/placing.ts';
import { Queries } from '../../grafana/queries.ts';
import type { Rule } from '../../src/core/rule.ts';
import { declared, made, madeOf, panels } from './made.ts';

/* Words, colours and limits: the same everywhere, none left out, and those of the rules. */

interface Mapping {
  readonly type: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** Values that have a word, as far as single values go. */
const worded = (mappings: readonly unknown[] = []): readonly number[] =>
  (mappings as readonly Mapping[])
    .filter(({ type }) => type === 'value')
    .flatMap(({ options }) => Object.keys(options).map(Number));

const statesets = declared.metrics.flatMap(({ metric }) =>
  metric.states === undefined ? [] : [{ name: metric.name, states: metric.states }],
);

describe.each(statesets)('$name', ({ name, states }) => {
  it('has a meaning for each of its states, and for no other', () => {
    expect(Object.keys(TONES[name] ?? {}).sort()).toEqual([...states].sort());
  });

  it('has a word for each of its states wherever it is drawn', () => {
    const first = `1 * ${name}{`;
    const drawn = panels.filter(
      ({ panel }) =>
        panel.type === 'state-timeline' && JSON.stringify(panel.targets).includes(first),
    );
    expect(drawn.length).toBeGreaterThan(0);
    for (const { panel } of drawn)
      expect(worded(panel.fieldConfig?.defaults.mappings)).toEqual(
        expect.arrayContaining(states.map((_, index) => index + 1)),
      );
  });
});

const PLAIN = /^(?:(\d+) \+ )?max by \([\w, ]+\) \((maasha_\w+)[{][^}]*[}]\)$/;
const yesOrNo = new Set<string>(
  declared.metrics
    .filter(({ metric }) => metric.help.includes('(1)') && metric.states === undefined)
    .map(({ metric }) => metric.name),
);

it('what is yes or no has a word for both wherever words are used', () => {
  const found = panels
    .filter(({ panel }) => (panel.fieldConfig?.defaults.mappings ?? []).length > 0)
    .flatMap(({ where, panel }) =>
      (panel.targets ?? []).flatMap((target) => {
        const [, moved = '0', name] =
          PLAIN.exec((target as unknown as { expr: string }).expr) ?? [];
        if (name === undefined || !yesOrNo.has(name)) return [];
        const words = worded(panel.fieldConfig?.defaults.mappings);
        return [{ where, name, total: [0, 1].every((v) => words.includes(v + Number(moved))) }];
      }),
    );
  expect(found.length).toBeGreaterThan(30);
  expect(found.filter(({ total }) => !total)).toEqual([]);
});

it('a value without a word is unknown where words are used, never in the colour of health', () => {
  for (const { where, panel } of panels.filter(({ panel: { type } }) => type === 'state-timeline'))
    expect(panel.fieldConfig?.defaults.thresholds?.steps, where).toEqual([
      { value: null, color: COLOUR.unknown },
    ]);
});

it('unknown never looks like health, under whatever value it stands', () => {
  const text = JSON.stringify(made);
  const colours = [
    ...text.matchAll(/"text":"(?:unknown|nothing looked at|not seen any more)","color":"([^"]+)"/g),
  ];
  expect(colours.length).toBeGreaterThan(5);
  expect(new Set(colours.map(([, colour]) => colour))).toEqual(new Set([COLOUR.unknown]));
});

it('no two meanings have one colour', () => {
  expect(new Set(Object.values(COLOUR)).size).toBe(Object.keys(COLOUR).length);
});

it('only the colours of the one table are used', () => {
  const ours = new Set<string>(Object.values(COLOUR));
  const used = JSON.stringify(made).match(/(?<="(?:color|iconColor)":")[^"]+/g) ?? [];
  expect(used.length).toBeGreaterThan(300);
  expect(used.filter((colour) => !ours.has(colour))).toEqual([]);
});

const metric = { kind: 'gauge', name: 'maasha_x', help: '', labels: [] } as const;
const rule = (severity: Rule['severity'], when: Rule['when']): Rule =>
  ({ name: 'MaasHaX', severity, metric, when, for: 0, summary: '' }) as unknown as Rule;

it.each<[string, readonly Rule[], readonly (number | string | null)[]]>([
  ['no rule', [], [null, 'green']],
  ['above', [rule('warning', { above: 5 })], [null, 'green', 5, 'orange']],
  [
    'above twice, in either order',
    [rule('critical', { above: 9 }), rule('warning', { above: 5 })],
    [null, 'green', 5, 'orange', 9, 'red'],
  ],
  ['below', [rule('critical', { below: 0.2 })], [null, 'red', 0.2, 'green']],
  [
    'below twice',
    [rule('warning', { below: 0.5 }), rule('critical', { below: 0.2 })],
    [null, 'red', 0.2, 'orange', 0.5, 'green'],
  ],
  ['a count that must not be 0', [rule('critical', { equal: 0 })], [null, 'red', 1, 'green']],
  ['one bad value', [rule('critical', { equal: 3 })], [null, 'green']],
])('thresholds of %s', (_, rules, steps) => {
  expect(stepsOf(rules).flatMap(({ value, color }) => [value, color])).toEqual(steps);
});

it('a threshold that a site changes is the one that is drawn', async () => {
  const rules = declared.rules.map((each) =>
    each.rule.name === 'MaasHaReplicationLagHigh'
      ? { ...each, rule: { ...each.rule, when: { above: 777 } } }
      : each,
  );
  expect(JSON.stringify(await madeOf({ ...declared, rules }))).toContain('"value":777');
  expect(JSON.stringify(made)).not.toContain('"value":777');
});

it('words for a value, for all from a value on, and for none', () => {
  expect(mappingsOf({ 0: ['none', 'bad'], '2..': ['', 'note'] })).toEqual([
    { type: 'value', options: { 0: { text: 'none', color: 'red', index: 0 } } },
    { type: 'range', options: { from: 2, to: null, result: { color: 'blue', index: 1 } } },
  ]);
});

it('a band that is wider than the grid is refused', () => {
  expect(() =>
    placed([
      [
        [20, { a: 4 }],
        [5, { b: 4 }],
      ],
    ]),
  ).toThrow('25 wide, expected at most 24');
});

describe('a rename', () => {
  const without = (change: (name: string) => string) => ({
    ...declared,
    metrics: declared.metrics.map((each) => ({
      ...each,
      metric: { ...each.metric, name: change(each.metric.name) as `maasha_${string}` },
    })),
  });

  it('of one metric fails the generation, and says which and what to do', async () => {
    // Every tenth: that all of them are shown is proven elsewhere, and each costs a generation.
    for (const { metric: gone } of declared.metrics.filter((_, index) => index % 10 === 0))
      await expect(
        Promise.resolve().then(() =>
          madeOf(without((name) => (name === gone.name ? `${name}_new` : name))),
        ),
      ).rejects.toThrow(`a dashboard shows ${gone.name}, which no check declares`);
  });

  const q = new Queries(declared);

  it.each([
    [() => q.max('maasha_vip_up', { by: ['node'] }), 'asks maasha_vip_up for its label node'],
    [
      () => q.max('maasha_vip_up', { where: { node: 'a' } }),
      'asks maasha_vip_up for its label node',
    ],
    [() => q.rate('maasha_vip_up'), 'as a counter; it is a gauge'],
    [() => q.states('maasha_vip_up'), 'it is no stateset'],
    [() => q.foreign('node_load1'), 'not in the list'],
    [() => q.foreign('up', { pod: 'a' }), 'asks up for its label pod'],
  ])('of what it is told apart by, too (%#)', (ask, problem) => {
    expect(ask).toThrow(problem);
  });
});
