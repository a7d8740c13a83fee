import { Gauge, Registry } from 'prom-client';
import type { Check, CheckResult } from '../core/check.ts';
import { describeResult } from '../core/describe.ts';
import type { Region } from '../core/region.ts';
import { seconds, type Seconds } from '../core/time.ts';
import { universalObservations } from '../core/universal.ts';
import { render } from './exposition.ts';
import type { Invocation, Means } from './invoke.ts';
import { runTogether, withNeeds } from './once.ts';

/** Prometheus gives up at its time-out: the answer has to be under way before. */
const MARGIN = seconds(0.5);
const LEAST = seconds(0.1);

/** How long a probe may take by the scrape's own time-out header; undefined without a usable one. */
export function scrapeLimit(header: string | undefined): Seconds | undefined {
  const told = Number(header);
  if (header === undefined || !Number.isFinite(told) || told <= 0) return undefined;
  return seconds(Math.max(LEAST, told - MARGIN));
}

export interface Probe {
  readonly check: Check;
  readonly region: Region;
  readonly limit: Seconds | undefined;
  /** Also tell what was seen, in words: for people. */
  readonly debug: boolean;
}

/** Runs one check now, on a registry of its own, as blackbox_exporter does; nothing is kept of it. */
export async function probe(
  checks: readonly Check[],
  { check, region, limit, debug }: Probe,
  known: (check: Check) => Pick<Invocation, 'memory' | 'standing'>,
  means: Means,
): Promise<string> {
  const results = await runTogether(
    withNeeds(checks, [check.name]),
    region,
    (each) => ({ ...known(each), trigger: 'probe', ...(limit !== undefined && { limit }) }),
    means,
  );
  const result = results.find((each) => each.check === check.name);
  if (result === undefined) throw new Error(`${check.name} is not in the catalogue`);
  const text = await render(
    [...universalObservations(result), ...result.observations].map((observation) => ({
      region: region.name,
      observation,
    })),
    summary(result),
  );
  const why = debug ? explain(result) : notHere(result);
  return why === '' ? text : `${why}\n${text}`;
}

/** A check that looked at nothing says why, also to whoever did not ask. */
const notHere = (result: CheckResult): string =>
  result.state === 'skipped' ? explain(result) : '';

/**
 * The names that existing blackbox dashboards and rules look for. What looked at nothing was neither
 * a success nor a failure: then the first is not there.
 */
function summary(result: CheckResult): Registry {
  const registry = new Registry();
  const one = (name: string, help: string, value: number): void => {
    new Gauge({ name, help, registers: [registry] }).set(value);
  };
  if (result.state !== 'skipped')
    one(
      'probe_success',
      '1 when the check came to ok or warning; 0 for critical and unknown.',
      Number(result.state === 'ok' || result.state === 'warning'),
    );
  one('probe_duration_seconds', 'Wall time of the run.', result.took);
  return registry;
}

const explain = (result: CheckResult): string =>
  describeResult(result)
    .map((line) => `# ${line}`)
    .join('\n');
