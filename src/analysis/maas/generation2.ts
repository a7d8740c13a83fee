import type { z } from 'zod';
import { doesNotApply, evidence, gap, type Note } from '../../core/check.ts';
import { CheckFailure } from '../../core/failure.ts';
import { observe } from '../../core/metric.ts';
import type { Region } from '../../core/region.ts';
import { formatDuration, seconds, type Seconds } from '../../core/time.ts';
import { byController, controllerOf, UNCONFIGURED } from './controllers.ts';
import { anyFresh, isFresh } from './freshness.ts';
import * as metrics from './metrics.ts';
import type * as questions from './questions.ts';

/* What the tables of MAAS 2.0 and later say. Only a living region keeps them true. */

type RowOf<Name extends keyof typeof questions> = z.output<(typeof questions)[Name]['shape']>;
type Process = RowOf<'regionProcesses'>;
type Service = RowOf<'services'>;

/** How many processes a region controller runs unless the administrator has changed that. */
const USUAL = 4;

/** Whether any process of the region lives; undefined where a standby cannot tell. */
export const isAlive = (rows: readonly Process[], lag: Seconds): boolean | undefined =>
  anyFresh(
    rows.flatMap(({ age }) => age ?? []),
    lag,
  );

/** @param services what MAAS says of its services, which includes how many processes it expects */
export function processNotes(
  region: Region,
  rows: readonly Process[],
  services: readonly Service[],
  lag: Seconds,
): readonly Note[] {
  const alive = isAlive(rows, lag);
  if (alive === undefined) return [gap('region processes', tooOld(lag))];
  const ages = rows.flatMap(({ age }) => age ?? []);
  const by = byController(region, rows);
  return [
    observe(metrics.attached, alive, {}),
    evidence(
      'region processes',
      ages.length === 0
        ? 'no process of the region has a row in the database'
        : `the newest of ${ages.length} rows was refreshed ${formatDuration(seconds(Math.min(...ages)))} ago`,
    ),
    ...[...region.nodes.map(({ name }) => name), UNCONFIGURED].flatMap((node) => {
      const own = by.get(node);
      return own === undefined
        ? [doesNotApply(metrics.processesMissing, { node })]
        : nodeNotes(node, own, services.filter(isRegiondOf(region, node)), lag);
    }),
  ];
}

const isRegiondOf =
  (region: Region, node: string) =>
  ({ hostname, name }: Service): boolean =>
    name === 'regiond' && controllerOf(region, hostname) === node;

function nodeNotes(
  node: string,
  rows: readonly Process[],
  regiond: readonly Service[],
  lag: Seconds,
): readonly Note[] {
  const judged = rows.flatMap(({ age }) => (age === null ? [] : [isFresh(age, lag)]));
  if (judged.includes(undefined)) return [];
  const fresh = judged.filter(Boolean).length;
  const controllers = new Set(rows.map(({ hostname }) => hostname)).size;
  const missing = Math.max(0, expected(fresh, controllers, regiond) - fresh);
  return [
    observe(metrics.processes, fresh, { node }),
    observe(metrics.processesMissing, missing, { node }),
    ...(missing === 0 ? [] : [evidence(node, `${fresh} region processes live, ${missing} lack`)]),
  ];
}

/**
 * MAAS itself knows how many it wants: it says "N processes running but M were expected." where they are too few,
 * and that all is well where they are not.
 */
function expected(fresh: number, controllers: number, regiond: readonly Service[]): number {
  const wanted = regiond.map(({ status, info }) => {
    if (status === 'running' && fresh > 0) return fresh / controllers;
    return Number(/but (\d{1,3}) were expected/.exec(info)?.[1] ?? USUAL);
  });
  return wanted.length === 0 ? USUAL * controllers : wanted.reduce((sum, each) => sum + each, 0);
}

/** A dead region takes nothing back: what stands in the database says nothing of the present. */
export const nobodySays = (subject: string): Note =>
  gap(
    subject,
    new CheckFailure(
      'dependency',
      'no process of the region is alive: nobody keeps these rows true',
    ),
  );

export const tooOld = (lag: Seconds): CheckFailure =>
  new CheckFailure(
    'dependency',
    `the standby's rows may be of ${Number.isFinite(lag) ? `an age of ${formatDuration(lag)}` : 'any age'}: too old to tell who lives`,
  );

/** DHCP: foreign servers, and racks that are to serve it and are not connected. */
export function dhcpNotes(
  region: Region,
  rows: readonly RowOf<'dhcpVlans'>[],
  alive: boolean | undefined,
): readonly Note[] {
  const foreign = rows.flatMap(({ vid, external_dhcp: server, primary_rack: rack }) =>
    server === null ? [] : [{ vid, server, cluster: controllerOf(region, rack ?? '') }],
  );
  const exposed = rows.filter(isExposed);
  const clusters = [...region.nodes, ...region.clusters].map(({ name }) => name);
  return [
    ...[...clusters, UNCONFIGURED].map((cluster) =>
      observe(metrics.foreignDhcp, foreign.filter((each) => each.cluster === cluster).length, {
        cluster,
      }),
    ),
    ...foreign.map(({ vid, server }) =>
      evidence(`VLAN ${vid}`, `MAAS saw a foreign DHCP server, ${server}`),
    ),
    // Nobody takes the connections of a dead region off the list.
    ...(alive === true ? [observe(metrics.dhcpExposed, exposed.length, {})] : []),
    ...exposed.map((row) => evidence(`VLAN ${row.vid}`, sayExposed(row))),
  ];
}

type Vlan = RowOf<'dhcpVlans'>;

const isExposed = (row: Vlan): boolean =>
  !row.primary_up || (row.secondary_rack !== null && !row.secondary_up);

function sayExposed({ primary_rack, secondary_rack, primary_up, secondary_up }: Vlan): string {
  if (primary_rack === null) return 'has DHCP on and no rack that serves it';
  const down = [primary_up ? [] : [primary_rack], secondary_up ? [] : [secondary_rack ?? []]].flat(
    2,
  );
  return `its rack ${down.join(' and ')} is not connected to the region`;
}

/** Racks must run the region's version, by its first two numbers. A controller may not have told its own. */
export function versionNotes(rows: readonly RowOf<'controllerVersions'>[]): readonly Note[] {
  const found = new Map<string, string[]>();
  for (const { hostname, version } of rows) {
    const [short] = /^\d+\.\d+/.exec(version) ?? [];
    if (short !== undefined) found.set(short, [...(found.get(short) ?? []), hostname]);
  }
  if (found.size === 0) return [doesNotApply(metrics.versions, {})];
  return [
    observe(metrics.versions, found.size, {}),
    ...[...found].map(([version, hosts]) =>
      evidence('versions', `MAAS ${version} on ${hosts.slice(0, 8).join(', ')}`),
    ),
  ];
}

export const claimNotes = (rows: readonly RowOf<'sharedEndpoints'>[]): readonly Note[] => [
  observe(metrics.claimedTwice, rows.length, {}),
  ...rows.map(({ address, port, regions }) =>
    evidence('region addresses', `${address}:${port} is claimed by ${regions}`),
  ),
];
