import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Check } from '../../src/core/check.ts';
import type { Metric } from '../../src/core/metric.ts';
import type { Rule } from '../../src/core/rule.ts';
import { artifacts } from '../../src/generate/artifacts.ts';
import type { Artifact } from '../../src/generate/declared.ts';
import { loadChecks } from '../../src/runtime/catalogue.ts';

/*
 * A change of the declarations must show in everything that is generated from them, so that the comparison
 * with what is committed fails. Each mutant is the real catalogue with one thing changed.
 */

const real = await loadChecks();

/** The catalogue with another metric in the place of one, wherever it is named. */
const withMetric = (name: string, change: (metric: Metric) => Metric): readonly Check[] =>
  real.map((check) => {
    const old = check.metrics.find((metric) => metric.name === name);
    if (old === undefined) return check;
    const changed = change(old);
    return {
      ...check,
      metrics: check.metrics.map((metric) => (metric === old ? changed : metric)),
      rules: check.rules.map((rule) => (rule.metric === old ? { ...rule, metric: changed } : rule)),
    };
  });

/** The catalogue with something else in the place of one rule. */
const withRule = (name: string, change: (rule: Rule) => readonly Rule[]): readonly Check[] =>
  real.map((check) => ({
    ...check,
    rules: check.rules.flatMap((rule) => (rule.name === name ? change(rule) : [rule])),
  }));

const NAMES = ['rules', 'rule-tests', 'alertmanager', 'reference', 'runbooks', 'dashboards'];

const make = (name: string, checks: readonly Check[]): Promise<readonly Artifact[]> =>
  artifacts([name], Promise.resolve(checks));

/** How many files each generator makes of the real catalogue. */
const counts = await Promise.all(NAMES.map(async (name) => (await make(name, real)).length));

/** Which generators make something else of these checks than what is committed, or refuse them. */
async function noticing(checks: readonly Check[]): Promise<readonly string[]> {
  const differs = await Promise.all(
    NAMES.map(async (name, index) => {
      const made = await make(name, checks).catch(() => undefined);
      if (made?.length !== counts[index]) return true;
      return made?.some(({ path, text }) => committed(path) !== text);
    }),
  );
  return NAMES.filter((_, index) => differs[index]);
}

const committed = (path: string): string | undefined =>
  existsSync(path) ? readFileSync(path, 'utf8') : undefined;

it('the catalogue as it is makes what is committed', async () => {
  expect(await noticing(real)).toEqual([]);
});

describe('is noticed:', () => {
  it('a metric that is renamed', async () => {
    const renamed = withMetric('maasha_postgres_role', (metric) => ({
      ...metric,
      name: 'maasha_postgres_part',
    }));
    expect(await noticing(renamed)).toEqual(expect.arrayContaining(['reference', 'dashboards']));
  });

  it('a metric that is renamed and that a rule judges', async () => {
    const renamed = withMetric('maasha_vip_up', (metric) => ({
      ...metric,
      name: 'maasha_vip_answers',
    }));
    expect(await noticing(renamed)).toEqual(
      expect.arrayContaining(['rules', 'rule-tests', 'reference', 'runbooks', 'dashboards']),
    );
  });

  it('a threshold that is changed', async () => {
    const changed = withRule('MaasHaReplicationLagHigh', (rule) => [
      { ...rule, when: { above: 7 } },
    ]);
    expect(await noticing(changed)).toEqual(
      expect.arrayContaining(['rules', 'rule-tests', 'reference', 'runbooks', 'dashboards']),
    );
  });

  it('a patience that is changed', async () => {
    const changed = withRule('MaasHaVipUnreachable', (rule) => [
      { ...rule, for: (rule.for + 60) as Rule['for'] },
    ]);
    expect(await noticing(changed)).toEqual(
      expect.arrayContaining(['rules', 'rule-tests', 'reference', 'runbooks']),
    );
  });

  it('a rule that is dropped', async () => {
    expect(await noticing(withRule('MaasHaDnsSlaveDown', () => []))).toEqual(
      expect.arrayContaining(['rules', 'rule-tests', 'alertmanager', 'reference', 'runbooks']),
    );
  });

  it('a label that is added', async () => {
    const labelled = withMetric('maasha_dns_slave_up', (metric) => ({
      ...metric,
      labels: [...metric.labels, 'zone'],
    }));
    expect(await noticing(labelled)).toEqual(
      expect.arrayContaining(['rules', 'rule-tests', 'reference']),
    );
  });

  it('a state that a stateset has no more', async () => {
    const poorer = withMetric('maasha_pgpool_watchdog_quorum', (metric) => ({
      ...metric,
      states: ['exists', 'absent', 'unknown'],
    }));
    expect(await noticing(poorer)).toEqual(expect.arrayContaining(['reference', 'dashboards']));
  });

  it('an explanation that is taken away', async () => {
    const unexplained = withRule('MaasHaDnsSlaveDown', (rule) => [{ ...rule, inhibitedBy: [] }]);
    expect(await noticing(unexplained)).toEqual(
      expect.arrayContaining(['alertmanager', 'runbooks']),
    );
  });
});
