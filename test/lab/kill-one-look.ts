import { z } from 'zod';
import type { PagedAlert, RuledAlert } from '../support/prometheus.ts';
import { REGIONS, SHARD } from './kill-one-config.ts';
import type { Stage } from './kill-one-stage.ts';

/* What those that take part say of themselves, asked from outside of them. */

/** An alert at one of them. */
export interface Standing {
  /** The one that has it. */
  readonly who: string;
  readonly alert: string;
  readonly severity: string;
  readonly region: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Of Alertmanager: active, suppressed or unprocessed. */
  readonly state: string;
}

const standing = (
  who: string,
  { labels }: Pick<RuledAlert, 'labels'>,
  state: string,
): Standing => ({
  who,
  alert: labels['alertname'] ?? '?',
  severity: labels['severity'] ?? '?',
  region: labels['region'] ?? '?',
  labels,
  state,
});

/** What runs and was asked has, of the regions: what is about the monitors themselves has another region. */
export async function standings(stage: Stage): Promise<readonly Standing[]> {
  const prometheis = [...stage.prometheis].map(async ([who, server]) =>
    (await server.alerts()).map((each: RuledAlert) => standing(who, each, each.state)),
  );
  const alertmanagers = [...stage.alertmanagers].map(async ([who, server]) =>
    (await server.alerts()).map((each: PagedAlert) => standing(who, each, each.status.state)),
  );
  return (await Promise.all([...prometheis, ...alertmanagers])).flat();
}

/** Slower checks have not all been seen when a test begins. */
const FAST = 31;

const seconds = (interval: string | undefined): number =>
  interval?.endsWith('ms') === true
    ? 0
    : Number.parseInt(interval ?? '0', 10) * (interval?.endsWith('m') === true ? 60 : 1);

/** Why a test cannot begin yet: what is not there, what does not answer, what stands (helpers always do). */
export async function unrest(stage: Stage): Promise<readonly string[]> {
  const [targets, clusters, alerts] = await Promise.all([
    Promise.all([...stage.prometheis].map(unseen)),
    Promise.all([...stage.alertmanagers].map(alone)),
    standings(stage),
  ]);
  return [
    ...targets.flat(),
    ...clusters.flat(),
    ...alerts
      .filter(({ region, severity }) => isOurs(region) && severity !== 'none')
      .map(({ who, alert, region, state }) => `${who}: ${alert} of ${region} is ${state}`),
  ];
}

export const isOurs = (region: string): boolean => (REGIONS as readonly string[]).includes(region);

type Named<Servers> =
  Servers extends ReadonlyMap<infer Name, infer Server> ? readonly [Name, Server] : never;

async function unseen([who, server]: Named<Stage['prometheis']>): Promise<readonly string[]> {
  const targets = await server.targets();
  const fast = targets.filter(
    ({ discoveredLabels }) => seconds(discoveredLabels['__scrape_interval__']) < FAST,
  );
  const wanted = REGIONS.filter((region) => SHARD[region] === Number(who.slice(1, 2)));
  const absent = wanted.filter((region) => !fast.some(({ labels }) => labels['region'] === region));
  const down = fast.filter(({ health }) => health === 'down');
  const waiting = fast.filter(({ health }) => health === 'unknown');
  return [
    ...absent.map((region) => `${who}: no targets of ${region}`),
    ...(down[0] === undefined ? [] : [`${who}: ${down.length} targets: ${down[0].lastError}`]),
    ...(waiting.length > 0 ? [`${who}: ${waiting.length} targets not scraped yet`] : []),
  ];
}

const clusterStatus = z.object({
  cluster: z.object({ name: z.string(), peers: z.array(z.object({ name: z.string() })) }),
});

async function alone([who, server]: Named<Stage['alertmanagers']>): Promise<readonly string[]> {
  const { cluster } = clusterStatus.parse(JSON.parse((await server.ask('/api/v2/status')).body));
  return cluster.peers.length === 2 ? [] : [`${who}: knows ${cluster.peers.length} of 2`];
}

/** The Alertmanagers in the order in which they send: the first at once, the next if nothing was sent. */
export async function sendingOrder(stage: Stage): Promise<readonly string[]> {
  const named = await Promise.all(
    [...stage.alertmanagers].map(async ([who, server]) => {
      const { body } = await server.ask('/api/v2/status');
      return { who, name: clusterStatus.parse(JSON.parse(body)).cluster.name };
    }),
  );
  return named.sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ who }) => who);
}
