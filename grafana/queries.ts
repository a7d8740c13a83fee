import { MONITOR } from '../src/core/ports/monitor.ts';
import type { Metric } from '../src/core/metric.ts';
import type { Rule } from '../src/core/rule.ts';
import type { Declared, DeclaredMetric } from '../src/generate/declared.ts';
import { quote } from '../src/generate/promql.ts';
import { TONES, type Word, type Words } from './look.ts';

/** What a dashboard asks for is not declared: a metric was renamed, or lost a label. */
class DashboardError extends Error {
  override readonly name = 'DashboardError';
}

/** Metrics that are not ours, with the labels by which they are told apart. */
export const FOREIGN: Readonly<Record<string, readonly string[]>> = {
  ALERTS: ['alertname', 'alertstate', 'region', 'severity'],
  ALERTS_FOR_STATE: ['alertname', 'region', 'severity'],
  up: ['job', 'instance', 'region', 'check'],
  scrape_duration_seconds: ['job', 'instance', 'region', 'check'],
  scrape_samples_scraped: ['job', 'instance', 'region', 'check'],
  process_cpu_seconds_total: ['job', 'instance'],
  process_resident_memory_bytes: ['job', 'instance'],
};

/** Our scrape jobs: of the service, and of Prometheus' own probing through it. */
const JOBS = 'maasha|maasha-probe';

/** A label's value as it must be, or `~` and a regular expression that it must match. */
type Where = Readonly<Record<string, string>>;

export interface Pick {
  readonly where?: Where;
  /** Instead of all labels that `where` leaves open. */
  readonly by?: readonly string[];
}

/** Filled once for the monitor, under its own name for a region; alerts stand in regions of their own. */
const isOfMonitor = ({ metric, from }: DeclaredMetric): boolean =>
  typeof from === 'object'
    ? from.scope === 'monitor'
    : from === 'the alerting' && !metric.labels.includes('alert');

const matcher = ([label, value]: readonly [string, string]): string =>
  value.startsWith('~') ? `${label}=~${quote(value.slice(1))}` : `${label}=${quote(value)}`;

const select = (name: string, where: Where): string =>
  Object.keys(where).length === 0
    ? name
    : `${name}{${Object.entries(where).map(matcher).join(',')}}`;

/**
 * PromQL over the declared metrics. Everything is looked up by name, so that the build fails when a check no
 * longer has what a dashboard shows. What says which monitor looked (`instance`, `job`) is aggregated away.
 */
export class Queries {
  readonly #metrics: ReadonlyMap<string, Metric>;
  readonly #rules: readonly Rule[];
  readonly #ofMonitor: ReadonlySet<string>;
  readonly #filters: Where;
  readonly #deadlines: readonly (readonly [check: string, timeout: number])[];

  /** @param filters labels that a variable of the dashboard narrows: label to variable. */
  constructor(declared: Declared, filters: Where = {}) {
    this.#metrics = new Map(declared.metrics.map(({ metric }) => [metric.name, metric]));
    this.#ofMonitor = new Set(
      declared.metrics.filter(isOfMonitor).map(({ metric }) => metric.name),
    );
    this.#rules = declared.rules.map(({ rule }) => rule);
    this.#filters = filters;
    this.#deadlines = declared.checks.map(({ name, timeout }) => [name, timeout]);
  }

  /** @throws DashboardError when no check declares such a metric. */
  metric(name: string): Metric {
    const found = this.#metrics.get(name);
    if (found === undefined)
      throw new DashboardError(
        `a dashboard shows ${name}, which no check declares: name the metric as it is declared now, or take the panel away`,
      );
    return found;
  }

  /** Whether a check declares such a metric; the parts of a histogram have names of their own. */
  has(name: string): boolean {
    return this.#metrics.has(name);
  }

  /** The rules that judge a metric, in the order of the catalogue. */
  rulesOf(name: string): readonly Rule[] {
    this.metric(name);
    return this.#rules.filter(({ metric }) => metric.name === name);
  }

  /** The series of a metric in the chosen regions. */
  series(name: string, where: Where = {}): string {
    return select(name, this.#matchers(this.metric(name), where));
  }

  /** The series of a metric in the chosen regions that have the label, whatever else is chosen. */
  everyOf(name: string, label: string): string {
    const metric = this.metric(name);
    this.#mustHave(name, metric.labels, [label]);
    return select(name, { region: '~$region' });
  }

  /** The greatest that any monitor saw. */
  max(name: string, pick: Pick = {}): string {
    return this.#over('max', this.series(name, pick.where), name, pick);
  }

  /** The least that any monitor saw: for what is judged by being below. */
  min(name: string, pick: Pick = {}): string {
    return this.#over('min', this.series(name, pick.where), name, pick);
  }

  /** How often per second a counter counts, by the monitor that counts most. */
  rate(name: string, pick: Pick = {}): string {
    return this.#counted('rate', name, pick);
  }

  /** How often a counter counted within the interval of one point. */
  increase(name: string, pick: Pick = {}): string {
    return this.#counted('increase', name, pick);
  }

  /** A quantile of a histogram, of all monitors together. */
  quantile(of: number, name: string): string {
    const metric = this.metric(name);
    this.#mustBe(metric, 'histogram');
    const series = select(`${name}_bucket`, this.#matchers(metric, {}));
    const by = [...this.#by(metric, {}), 'le'].join(', ');
    return `histogram_quantile(${of}, sum by (${by}) (rate(${series}[$__rate_interval])))`;
  }

  /** What fell into each range of a histogram within the interval of one point, of all monitors together. */
  buckets(name: string): string {
    const metric = this.metric(name);
    this.#mustBe(metric, 'histogram');
    const series = select(`${name}_bucket`, this.#matchers(metric, {}));
    return `sum by (le) (increase(${series}[$__rate_interval]))`;
  }

  /** The newest run of each check as a part of its deadline. */
  ofDeadline(name: string): string {
    const parts = this.#deadlines.map(
      ([check, timeout]) => `${this.series(name, { check })} / ${timeout}`,
    );
    return this.#over('max', parts.join(' or '), name, {});
  }

  /** One number per thing: the place of its present state among the states that are declared, from 1 on. */
  states(name: string, pick: Pick = {}, among: (series: string) => string = (x) => x): string {
    const all = this.#statesOf(name).map(
      (state, index) => `${index + 1} * ${this.series(name, { ...pick.where, state })}`,
    );
    return this.#over('max', among(all.join(' or ')), name, pick);
  }

  /** The words for those numbers. */
  wordsOf(name: string): Words {
    const tones = TONES[name] ?? {};
    return Object.fromEntries(
      this.#statesOf(name).map((state, index): [number, Word] => {
        const tone = tones[state];
        if (tone === undefined)
          throw new DashboardError(
            `${name} has the state ${state}, for which grafana/look.ts has no meaning: add one`,
          );
        return [index + 1, [state.replaceAll('_', ' '), tone]];
      }),
    );
  }

  /** Series that Prometheus has of itself or of any process. */
  foreign(name: string, where: Where = {}): string {
    const labels = FOREIGN[name];
    if (labels === undefined)
      throw new DashboardError(
        `${name} is not ours and not in the list of grafana/queries.ts: add it there with its labels`,
      );
    this.#mustHave(name, labels, Object.keys(where));
    return select(name, where);
  }

  /** The same, of our scrape jobs. */
  scraped(name: string, where: Where = {}): string {
    return this.foreign(name, { job: `~${JOBS}`, ...where });
  }

  #statesOf(name: string): readonly string[] {
    const { states } = this.metric(name);
    if (states === undefined)
      throw new DashboardError(`${name} is shown by its states and has none: it is no stateset`);
    return states;
  }

  #counted(how: 'rate' | 'increase', name: string, pick: Pick): string {
    this.#mustBe(this.metric(name), 'counter');
    return this.#over(
      'max',
      `${how}(${this.series(name, pick.where)}[$__rate_interval])`,
      name,
      pick,
    );
  }

  #over(how: 'max' | 'min', what: string, name: string, pick: Pick): string {
    const by = this.#by(this.metric(name), pick).join(', ');
    return `${how} by (${by}) (${what})`;
  }

  #by(metric: Metric, { by, where = {} }: Pick): readonly string[] {
    this.#mustHave(metric.name, metric.labels, by ?? []);
    const open = metric.labels.filter((label) => label !== 'state' || metric.states === undefined);
    return [
      metric.ofProcess === true ? 'instance' : 'region',
      ...(by ?? open.filter((label) => where[label] === undefined || where[label].startsWith('~'))),
    ];
  }

  #matchers(metric: Metric, where: Where): Where {
    this.#mustHave(metric.name, metric.labels, Object.keys(where));
    const narrowed = Object.entries(this.#filters).filter(
      ([label]) => metric.labels.includes(label) && where[label] === undefined,
    );
    return {
      ...(metric.ofProcess === true ? {} : { region: this.#region(metric) }),
      ...Object.fromEntries(narrowed.map(([label, variable]) => [label, `~$${variable}`])),
      ...where,
    };
  }

  /** What is about the monitor itself is shown whichever region is chosen. */
  readonly #region = ({ name }: Metric): string =>
    this.#ofMonitor.has(name) ? `~$region|${MONITOR.name}` : '~$region';

  #mustHave(name: string, labels: readonly string[], asked: readonly string[]): void {
    const missing = asked.find((label) => !labels.includes(label));
    if (missing !== undefined)
      throw new DashboardError(
        `a dashboard asks ${name} for its label ${missing}; it has ${labels.join(', ') || 'none'}`,
      );
  }

  #mustBe(metric: Metric, kind: Metric['kind']): void {
    if (metric.kind !== kind)
      throw new DashboardError(
        `a dashboard reads ${metric.name} as a ${kind}; it is a ${metric.kind}`,
      );
  }
}
