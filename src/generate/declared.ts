import type { Check } from '../core/check.ts';
import type { Metric } from '../core/metric.ts';
import type { Region } from '../core/region.ts';
import type { Rule } from '../core/rule.ts';
import { alertMetrics } from '../runtime/alert-metrics.ts';
import { universalMetrics } from '../core/universal.ts';
import { allMetrics } from '../runtime/catalogue.ts';
import { ownMetrics } from '../runtime/own-metrics.ts';

/*
 * DESIGN of src/generate. Data in: the catalogue (checks with their metrics and rules) and a few settings of
 * the site. Data out: texts with the paths at which they are committed. Every generator is a pure function
 * of the two; `maasha generate` writes what they return, `maasha generate --check` compares it with what is
 * there. Nothing generated is edited by hand, and nothing outside reads the catalogue a second time.
 *
 *   declared ─► prometheus rules ─┬─► rule tests          alerts/prometheus/
 *            ─► alertmanager      │                       alerts/prometheus/
 *            ─► reference, index  │                       checks/METRICS.md, alerts/RUNBOOKS.md
 *            ─► grafana/ ─────────┘                       grafana/dashboards/
 *
 * Imports: cli → generate → {grafana, alerts (life cycle, root cause), runtime (catalogue and declarations only), core};
 * grafana → core, and of generate the types and what everything generated shares.
 */

/** A metric with who fills it. */
export interface DeclaredMetric {
  readonly metric: Metric;
  /** A check; or that every check has it; or that the monitor's process has it. */
  readonly from: Check | 'every check' | 'the alerting' | 'the monitor';
}

/** A rule with the check that judges it. */
export interface DeclaredRule {
  readonly rule: Rule;
  readonly check: Check;
}

/** Everything that the declarations say, in the catalogue's order. */
export interface Declared {
  readonly checks: readonly Check[];
  readonly metrics: readonly DeclaredMetric[];
  readonly rules: readonly DeclaredRule[];
}

/** What only the site knows. */
export interface Settings {
  /** The monitor's HTTP face as people reach it, without a slash at the end. */
  readonly publicUrl: string;
  /** Grafana as people reach it, without a slash at the end. */
  readonly grafanaUrl: string;
  /** The site's regions, none where no configuration says any; absent: not for a site, but as committed. */
  readonly regions?: readonly Region[];
}

/** One generated file. */
export interface Artifact {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
}

export type Generator = (
  declared: Declared,
  settings: Settings,
) => readonly Artifact[] | Promise<readonly Artifact[]>;

/** @throws CatalogueError when two checks declare one metric. */
export function declaredBy(checks: readonly Check[]): Declared {
  allMetrics(checks);
  const from = (
    metrics: readonly Metric[],
    who: DeclaredMetric['from'],
  ): readonly DeclaredMetric[] => metrics.map((metric) => ({ metric, from: who }));
  return {
    checks,
    metrics: [
      ...from(universalMetrics, 'every check'),
      ...checks.flatMap((check) => from(check.metrics, check)),
      ...from(alertMetrics, 'the alerting'),
      ...from(ownMetrics, 'the monitor'),
    ],
    rules: checks.flatMap((check) => check.rules.map((rule) => ({ rule, check }))),
  };
}
