import { Gauge, Registry } from 'prom-client';
import { describeResult } from '../core/describe.ts';
import { between, formatDuration, seconds, type Instant, type Seconds } from '../core/time.ts';
import { universalObservations } from '../core/universal.ts';
import { render } from './exposition.ts';
import { probeMetrics, zoneOf, type Probed } from './probe-metrics.ts';
import type { Answer } from './prober.ts';

/** Prometheus gives up at its time-out: the answer has to be under way before. */
const MARGIN = seconds(0.5);
const LEAST = seconds(0.1);

/** How long a probe may take by the scrape's own time-out header; undefined without a usable one. */
export function scrapeLimit(header: string | undefined): Seconds | undefined {
  const told = Number(header);
  if (header === undefined || !Number.isFinite(told) || told <= 0) return undefined;
  return seconds(Math.max(LEAST, told - MARGIN));
}

/** How an answer is to be told. */
export interface Telling extends Omit<Probed, 'result'> {
  /** Also what was seen, in words: for people. */
  readonly debug: boolean;
  readonly now: Instant;
}

/** An answer as Prometheus text, on a registry of its own, as blackbox_exporter does. */
export async function probeText(answer: Answer, telling: Telling): Promise<string> {
  const { result } = answer;
  const probed = { result, region: telling.region, zone: telling.zone };
  const text = await render(
    [{ region: result.region, observations: universalObservations(result) }, result],
    familiar(probed),
  );
  const lines = remarks(answer, telling).map((line) => `# ${line}\n`);
  return lines.join('') + text;
}

/** The names that existing blackbox dashboards and rules look for. */
function familiar(probed: Probed): Registry {
  const registry = new Registry();
  for (const { name, help, labels, from, value, with: fixed = {} } of probeMetrics) {
    if (from !== undefined && from !== probed.result.check) continue;
    const known = value(probed);
    if (known === undefined) continue;
    new Gauge({ name, help, labelNames: [...labels], registers: [registry] }).set(fixed, known);
  }
  return registry;
}

/** What is said besides, in comments. A check that looked at nothing says why, also unasked. */
const remarks = (answer: Answer, telling: Telling): readonly string[] => [
  ...(telling.debug || answer.result.state === 'skipped' ? describeResult(answer.result) : []),
  ...(telling.debug ? origin(answer, telling.now) : []),
  ...howToAsk(answer, telling),
];

/** That it is no run of this probe, where it is none. */
function origin({ way, result }: Answer, now: Instant): readonly string[] {
  if (way === 'joined') return ['joined: another probe had begun this run'];
  if (way !== 'kept') return [];
  const age = formatDuration(between(result.startedAt, now));
  return [`kept: seen ${age} ago; fresh=true looks now`];
}

/** Why there is no serial under the name that blackbox users know. */
function howToAsk({ result }: Answer, telling: Telling): readonly string[] {
  const [zone, ...others] = telling.region.dns?.zones ?? [];
  if (result.check !== 'dns-serial' || zone === undefined || zoneOf(telling) !== undefined)
    return [];
  return [`probe_dns_serial needs one of ${others.length + 1} zones: &zone=${zone}`];
}
