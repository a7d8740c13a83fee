import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { paths } from './plan.ts';

/*
 * The configurations of everything that takes part when one of it is killed. What is generated is taken as it
 * is committed; only addresses are put in, and waits are made shorter where that is wanted.
 */

/** Everything that can be killed. */
export const VICTIMS = ['m1', 'm2', 'p0a', 'p0b', 'p1a', 'p1b', 'am1', 'am2'] as const;
export type Victim = (typeof VICTIMS)[number];

export const PROMETHEIS = ['p0a', 'p0b', 'p1a', 'p1b'] as const satisfies Victim[];
export const ALERTMANAGERS = ['am1', 'am2'] as const satisfies Victim[];
export const MONITORS = ['m1', 'm2'] as const satisfies Victim[];
export type PrometheusName = (typeof PROMETHEIS)[number];
export type AlertmanagerName = (typeof ALERTMANAGERS)[number];
export type MonitorName = (typeof MONITORS)[number];

/** On the loopback of the lab's host `mon`. */
export const PORT: Readonly<Record<Victim | 'gossip1' | 'gossip2' | 'post', number>> = {
  m1: 9871,
  m2: 9872,
  p0a: 9900,
  p0b: 9901,
  p1a: 9910,
  p1b: 9911,
  am1: 9931,
  am2: 9932,
  gossip1: 9941,
  gossip2: 9942,
  post: 9950,
};

/** The lab's region under two names, of which each falls to another shard. */
export const REGIONS = ['lab', 'lab-b'] as const;
/** By hashmod 2, as Prometheus does it: the last bit of the name's MD5. */
export const SHARD: Readonly<Record<string, number>> = { lab: 1, 'lab-b': 0 };

/** How long Alertmanager waits, and after how long Prometheus says again what it has said. */
export interface Timing {
  readonly name: 'short' | 'generated';
  /** Undefined: as generated. */
  readonly groupInterval?: string;
  readonly resendDelay: string;
  /** Milliseconds after which an alert ends that Prometheus does not send again: 4 times that. */
  readonly endsAfter: number;
}

export const TIMINGS: Readonly<Record<Timing['name'], Timing>> = {
  short: {
    name: 'short',
    groupInterval: '30s',
    resendDelay: '15s',
    endsAfter: 60_000,
  },
  generated: { name: 'generated', resendDelay: '1m', endsAfter: 240_000 },
};

const ROOT = join(import.meta.dirname, '..', '..');
const GENERATED = join(ROOT, 'alerts', 'prometheus');
const SHARD_CONFIG = join(GENERATED, 'prometheus-shard.yml');
const ALERTMANAGER = join(GENERATED, 'alertmanager.yml');

const url = (port: number): string => `http://127.0.0.1:${port}`;
const place = (port: number): string => `127.0.0.1:${port}`;

/** The lab's configuration for an instance that only answers probes; JSON, which is YAML. */
export function monitorConfig(name: MonitorName): string {
  const lab = parse(readFileSync(paths.config, 'utf8')) as { regions: object[] };
  const [region] = lab.regions;
  return JSON.stringify({
    ...lab,
    listen: { host: '127.0.0.1', port: PORT[name] },
    regions: REGIONS.map((own) => ({ ...region, name: own })),
  });
}

interface PrometheusConfig {
  readonly global: object;
  readonly rule_files: readonly string[];
  readonly scrape_configs: readonly {
    readonly static_configs?: readonly object[];
    readonly http_sd_configs?: readonly object[];
    readonly relabel_configs?: readonly { readonly action?: string }[];
  }[];
  readonly alerting: object;
}

/**
 * Of shard 0 or 1, asking both instances, telling both Alertmanagers. A replica that asked one instance only would be
 * blind without it: its alerts would go on while the other replica says that they are over.
 */
export function prometheusConfig(name: PrometheusName): string {
  const shard = name.slice(1, 2);
  const replica = name.slice(2);
  const monitors = MONITORS.map((each) => PORT[each]);
  const config = parse(readFileSync(SHARD_CONFIG, 'utf8')) as PrometheusConfig;
  return stringify({
    ...config,
    global: { ...config.global, external_labels: { replica, shard } },
    // The same path for all: it decides at which second rules are evaluated, as it does on different hosts.
    rule_files: config.rule_files.map((file) => join(GENERATED, file)),
    alerting: {
      ...config.alerting,
      alertmanagers: [
        { static_configs: [{ targets: ALERTMANAGERS.map((each) => place(PORT[each])) }] },
      ],
    },
    scrape_configs: config.scrape_configs.map((job) => ({
      ...job,
      ...(job.static_configs && { static_configs: [{ targets: monitors.map(place) }] }),
      ...(job.http_sd_configs && {
        http_sd_configs: monitors.map((port) => ({
          ...job.http_sd_configs?.[0],
          url: `${url(port)}/sd`,
        })),
      }),
      ...(job.relabel_configs && {
        relabel_configs: job.relabel_configs.map((each) =>
          each.action === 'keep' ? { ...each, regex: shard } : each,
        ),
      }),
    })),
  });
}

interface Route {
  readonly receiver?: string;
  readonly group_interval?: string;
  readonly routes?: readonly Route[];
}
interface AlertmanagerConfig {
  readonly route: Route;
  readonly receivers: readonly { readonly name: string }[];
}

const generated = (): AlertmanagerConfig =>
  parse(readFileSync(ALERTMANAGER, 'utf8')) as AlertmanagerConfig;

/** All receivers but nobody are the one that counts, each under its name. */
export function alertmanagerConfig(timing: Timing): string {
  const config = generated();
  return stringify({
    ...config,
    route: retimed(config.route, timing),
    receivers: config.receivers.map(({ name }) => ({
      name,
      ...(name !== 'nobody' && {
        webhook_configs: [{ url: `${url(PORT.post)}/${name}`, send_resolved: true }],
      }),
    })),
  });
}

function retimed(route: Route, timing: Timing, isRoot = true): Route {
  const { groupInterval: interval } = timing;
  const { routes = [] } = route;
  const has = isRoot || route.group_interval !== undefined;
  return {
    ...route,
    ...(has && interval !== undefined && { group_interval: interval }),
    ...(routes.length > 0 && { routes: routes.map((each) => retimed(each, timing, false)) }),
  };
}

/** Milliseconds after which whoever is woken is told what has changed. */
export function groupInterval(timing: Timing): number {
  const root = retimed(generated().route, timing);
  const route = root.routes?.find(({ receiver }) => receiver === 'page');
  return milliseconds(route?.group_interval ?? root.group_interval ?? '5m');
}

const UNIT: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** Of a duration as Prometheus writes it. */
const milliseconds = (duration: string): number =>
  [...duration.matchAll(/(\d+)([smh])/g)].reduce(
    (sum, [, count, unit = 's']) => sum + Number(count) * (UNIT[unit] ?? 0),
    0,
  );
