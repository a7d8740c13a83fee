import type { Watch } from '../../alerts/catalogue.ts';
import type { Names } from '../../alerts/state.ts';
import type { Config } from '../config/load.ts';
import type { Check } from '../core/check.ts';
import { slavesOf, type Region } from '../core/region.ts';
import { seconds, type Seconds } from '../core/time.ts';
import { longestInterval } from './schedule.ts';

/** What a check calls a host that it meets and that is not in the configuration. */
const UNCONFIGURED = 'unconfigured';

/** The names that the labels of a region's alerts may have; what bears another one is watched no longer. */
export function namesOf(region: Region): Names {
  const { nodes, clusters, dns } = region;
  const hosts = nodes.map(({ name }) => name);
  // A slave DNS server may be a host of its own.
  const servers = [...new Set([...hosts, ...slavesOf(region).map(({ name }) => name)])];
  return {
    node: [...servers, UNCONFIGURED],
    peer: [...hosts, UNCONFIGURED],
    backend: hosts,
    standby: hosts,
    server: ['vip', ...servers],
    cluster: clusters.map(({ name }) => name),
    zone: dns?.zones ?? [],
  };
}

/** Those of the alerts about the monitor itself. */
export const monitorNames = (
  config: Config,
  checks: readonly Check[],
  channels: readonly string[],
): Names => ({
  channel: channels,
  check: checks.map(({ name }) => name),
  watched: config.regions.map(({ name }) => name),
});

/** The checks as their alerts see them. A derived check is as slow as the slowest that it needs. */
export function watchesOf(checks: readonly Check[]): readonly Watch[] {
  const intervals = new Map<string, Seconds>();
  return checks.map(({ name, rules, every, timeout, needs }) => {
    const own = longestInterval(every);
    const interval =
      needs === undefined
        ? own
        : seconds(Math.max(...needs.map((need) => intervals.get(need) ?? own)));
    intervals.set(name, interval);
    return { check: name, rules, interval, timeout };
  });
}
