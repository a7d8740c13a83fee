import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { buildCauses, ISOLATED, standingFor } from '../../alerts/causes.ts';
import { identityLabels } from '../../alerts/identity.ts';
import { DEFAULT_TIMERS } from '../../alerts/timers.ts';
import type { Rule } from '../../src/core/rule.ts';
import { artifacts } from '../../src/generate/artifacts.ts';
import { loadChecks } from '../../src/runtime/catalogue.ts';
import { all } from '../support/alertmanager-matchers.ts';

/*
 * Alertmanager, told what is generated, keeps quiet exactly what the service itself would explain. The
 * generated texts are read here by an evaluator of their own: of Alertmanager's inhibit rules, and of the
 * few forms of PromQL that the helpers have.
 */

type Labels = Readonly<Record<string, string>>;
type Stage = 'pending' | 'firing';
/** An alert as Prometheus has it. */
interface Raised {
  readonly rule: Rule;
  readonly labels: Labels;
  readonly stage: Stage;
}

const made = new Map(
  (await artifacts(['rules', 'alertmanager'])).map(({ path, text }) => [
    path,
    parse(text) as unknown,
  ]),
);
const { inhibit_rules: inhibitions } = made.get('alerts/prometheus/alertmanager.yml') as {
  inhibit_rules: readonly {
    readonly source_matchers: readonly string[];
    readonly target_matchers: readonly string[];
    readonly equal: readonly string[];
  }[];
};
const { groups } = made.get('alerts/prometheus/rules/inhibitors.yml') as {
  groups: readonly {
    readonly rules: readonly { readonly alert: string; readonly expr: string; labels: Labels }[];
  }[];
};

const compiled = inhibitions.map(({ source_matchers, target_matchers, equal }) => ({
  isSource: all(source_matchers),
  isTarget: all(target_matchers),
  equal,
}));

/** Whether Alertmanager, that has these alerts, keeps such a one quiet. */
const isMuted = (target: Labels, sources: readonly Labels[]): boolean =>
  compiled.some(
    ({ isSource, isTarget, equal }) =>
      isTarget(target) &&
      sources.some(
        (source) =>
          isSource(source) &&
          // What is on both sides is kept quiet by nothing that is on both sides.
          !(isSource(target) && isTarget(source)) &&
          equal.every((label) => (source[label] ?? '') === (target[label] ?? '')),
      ),
  );

/** What a helper's expression gives while one alert is all that there is in ALERTS. */
function helperOf(expr: string): (alert: Labels) => Labels | undefined {
  const [, by = '', inner = ''] = /^max by \(([^)]*)\) \((.*)\)$/.exec(expr) ?? [];
  const [, selected = ''] = /ALERTS\{([^}]*)\}/.exec(inner) ?? [];
  const wanted = [...selected.matchAll(/(\w+)="([^"]*)"/g)];
  if (wanted.length === 0) throw new Error(`not a helper of an alert: ${expr}`);
  const replaced = [...inner.matchAll(/, "(\w+)", "\$1", "(\w+)", "\(\.\+\)"\)/g)];
  return (alert) => {
    if (!wanted.every(([, label = '', value]) => (alert[label] ?? '') === value)) return undefined;
    const labels = replaced.reduce<Labels>(
      (before, [, own = '', theirs = '']) => ({ ...before, [own]: before[theirs] ?? '' }),
      alert,
    );
    return Object.fromEntries(
      by.split(', ').flatMap((label) => (labels[label] ? [[label, labels[label]]] : [])),
    );
  };
}

const helpers = groups
  .flatMap((group) => group.rules)
  .filter(({ expr }) => expr.includes('ALERTS{'))
  .map((rule) => ({ ...rule, raisedBy: helperOf(rule.expr) }));

const shown = ({ rule, labels }: Raised): Labels => ({
  alertname: rule.name,
  severity: rule.severity,
  ...labels,
});

/** What Alertmanager has while this stands: itself if it fires, and the helpers that it raises. */
function told(cause: Raised): readonly Labels[] {
  const inPrometheus = { ...shown(cause), alertstate: cause.stage };
  return [
    ...(cause.stage === 'firing' ? [shown(cause)] : []),
    ...helpers.flatMap(({ alert, raisedBy, labels }) => {
      const raised = raisedBy(inPrometheus);
      return raised === undefined ? [] : [{ alertname: alert, ...raised, ...labels }];
    }),
  ];
}

const rules = (await loadChecks()).flatMap((check) => check.rules);
const causes = buildCauses(rules);
const byName = new Map<string, Rule>(rules.map((rule) => [rule.name, rule]));
const RANK = { info: 0, warning: 1, critical: 2 } as const;
function ruleOf(name: string): Rule {
  const rule = byName.get(name);
  if (rule === undefined) throw new Error(`no rule ${name}`);
  return rule;
}

/** What the service's own code says of the two, as far as Alertmanager is to be told of it. */
function isExplained(target: Raised, cause: Raised): boolean {
  const { region, ...labels } = target.labels;
  const { region: theirs, ...others } = cause.labels;
  if (region !== theirs) return false;
  const isLess = RANK[cause.rule.severity] < RANK[target.rule.severity];
  if (cause.rule.severity !== 'info' && isLess) return false;
  if (cause.stage === 'pending' && !waits(target.rule, cause.rule)) return false;
  const standing = [{ rule: cause.rule.name, labels: others }];
  return (causes[target.rule.name] ?? []).some(
    (each) => standingFor(each, labels, standing, {}).length > 0,
  );
}

/** Whether the target is held back for a cause that is not sure yet. */
const waits = (target: Rule, cause: Rule): boolean =>
  target.confirm !== true &&
  cause.for > target.for &&
  cause.for - target.for <= DEFAULT_TIMERS.patience[target.severity].holdAtMost;

const pairs = rules.flatMap((target) =>
  [...new Set((causes[target.name] ?? []).map(({ alert }) => alert))].map((alert) => ({
    target,
    cause: ruleOf(alert),
  })),
);

/** Values that `only` and `where` ask for somewhere, by label. */
const asked = new Map<string, Set<string>>();
for (const { only = {}, where = {} } of Object.values(causes).flat())
  for (const [label, value] of [...Object.entries(only), ...Object.entries(where)])
    asked.set(label, (asked.get(label) ?? new Set()).add(value));
const askedOf = (label: string): readonly string[] => [...(asked.get(label) ?? [])];

const labelsOf = (rule: Rule, region: string, value: (label: string) => string): Labels => ({
  region,
  ...Object.fromEntries(identityLabels(rule).map((label) => [label, value(label)])),
});

const raisedBy = (rule: Rule): fc.Arbitrary<Raised> =>
  fc.record({
    rule: fc.constant(rule),
    stage: fc.constantFrom<Stage>('firing', 'firing', 'pending'),
    labels: fc.record({
      region: fc.constantFrom('maas3', 'maas3', 'maas3', 'maas4'),
      ...Object.fromEntries(
        identityLabels(rule).map((label) => [
          label,
          fc.constantFrom('rc1', 'rc2', ...askedOf(label)),
        ]),
      ),
    }),
  });

const PATIENTLY = { timeout: 120_000 };
/** Pairs of alerts for each pair of rules. */
const RUNS = 25;

describe('the inhibit rules of Alertmanager', () => {
  it(
    'keep quiet exactly what the service explains, whatever the two alerts are about',
    PATIENTLY,
    () => {
      for (const { target, cause } of pairs)
        fc.assert(
          fc.property(
            raisedBy(target),
            raisedBy(cause),
            (one, other) => isMuted(shown(one), told(other)) === isExplained(one, other),
          ),
          { numRuns: RUNS, seed: 1 },
        );
    },
  );

  it('keep quiet nothing of an alert that explains nothing of it', PATIENTLY, () => {
    const close = new Set(pairs.map(({ target, cause }) => `${cause.name} of ${target.name}`));
    const alike = rules.map((rule): Raised => ({
      rule,
      labels: labelsOf(rule, 'maas3', () => 'rc1'),
      stage: 'firing',
    }));
    const muted = alike.flatMap((cause) => {
      const sources = told(cause);
      return alike
        .filter((target) => isMuted(shown(target), sources))
        .map((target) => `${cause.rule.name} of ${target.rule.name}`);
    });
    expect(muted.filter((pair) => !close.has(pair))).toEqual([]);
  });

  it('have cases of every kind: plain, of other labels, pending, limited', () => {
    const edges = Object.values(causes).flat();
    expect(pairs.length).toBeGreaterThan(200);
    expect(helpers.some(({ labels }) => labels['stage'] === 'pending')).toBe(true);
    expect(helpers.some(({ labels }) => labels['join']?.includes('='))).toBe(true);
    expect(edges.some(({ where }) => where !== undefined)).toBe(true);
    expect(edges.some(({ only }) => only !== undefined)).toBe(true);
  });

  it('want the region to be equal, every one of them', () => {
    expect(inhibitions.filter(({ equal }) => !equal.includes('region'))).toEqual([]);
  });

  it.each([
    ['the node of a standby that is late', 'rc2', 'rc2', 'maas3', true],
    ['another node', 'rc2', 'rc1', 'maas3', false],
    ['a node of that name in another region', 'rc2', 'rc2', 'maas4', false],
  ])('take %s as it is', (_, standby, node, region, expected) => {
    const { target, cause } = joinedOn('standby', 'node');
    const late = labelsOf(target, 'maas3', (label) => (label === 'standby' ? standby : 'x'));
    const down = labelsOf(cause, region, (label) => (label === 'node' ? node : 'x'));
    expect(
      isMuted(
        shown({ rule: target, labels: late, stage: 'firing' }),
        told({ rule: cause, labels: down, stage: 'firing' }),
      ),
    ).toBe(expected);
  });

  it('never keep a critical alert quiet for a warning', () => {
    const graver = pairs.filter(
      ({ target, cause }) => target.severity === 'critical' && cause.severity === 'warning',
    );
    expect(graver.length).toBeGreaterThan(0);
    expect(graver.filter(({ target, cause }) => everMuted(target, cause))).toEqual([]);
  });

  it('keep quiet nothing that wants a second look at once, but for a monitor that sees nothing', () => {
    const wanted = rules.filter(({ confirm, name }) => confirm === true && name !== ISOLATED);
    expect(wanted.length).toBeGreaterThan(0);
    for (const target of wanted) {
      const quieted = rules.filter((cause) => cause !== target && everMuted(target, cause));
      expect(quieted.map(({ name }) => name)).toEqual([ISOLATED]);
    }
  });
});

/** Rules that are joined by two such labels and by nothing else. */
function joinedOn(own: string, theirs: string): { readonly target: Rule; readonly cause: Rule } {
  for (const target of rules)
    for (const { alert, on, only, where } of causes[target.name] ?? []) {
      const cause = ruleOf(alert);
      const isPlain = only === undefined && where === undefined && Object.keys(on).length === 1;
      if (isPlain && on[own] === theirs && RANK[cause.severity] >= RANK[target.severity])
        return { target, cause };
    }
  throw new Error(`no rule is explained by one with ${theirs} as its ${own}`);
}

/** So that what is asked of labels somewhere is there too. */
const values = ['rc1', ...[...asked.values()].flatMap((each) => [...each])];

/** All that a rule may raise of one region, one for each of the values. */
const everRaised = (rule: Rule): readonly Raised[] =>
  values.map((value) => {
    const labelled = (label: string) => (askedOf(label).includes(value) ? value : 'rc1');
    return { rule, labels: labelsOf(rule, 'maas3', labelled), stage: 'firing' };
  });
const everTold = new Map(
  rules.map((rule) => [
    rule,
    everRaised(rule).map((each) => [...told(each), ...told({ ...each, stage: 'pending' })]),
  ]),
);

/** Whether one keeps the other quiet in the region that they share, if all else fits. */
const everMuted = (target: Rule, cause: Rule): boolean =>
  everRaised(target).some((raised, index) =>
    isMuted(shown(raised), everTold.get(cause)?.[index] ?? []),
  );
