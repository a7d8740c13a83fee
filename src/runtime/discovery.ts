import type { Check } from '../core/check.ts';
import type { Region } from '../core/region.ts';
import type { Seconds } from '../core/time.ts';
import { fits, isOfMonitor } from './plan.ts';
import { scrapeTimes } from './schedule.ts';
import { Refused } from './server.ts';

/** One target as Prometheus discovers it over HTTP (http_sd_config). */
export interface TargetGroup {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** What is to be discovered. */
export interface Wanted {
  /** Where this instance is reached. */
  readonly address: string;
  /** Only these; all, if none is named. */
  readonly regions?: readonly string[];
  readonly checks?: readonly string[];
}

/**
 * Every region with every check that exists there, each with the path and the parameters of its probe, its
 * own interval and a time-out that leaves it its whole deadline. What is about the monitor is no target.
 *
 * @throws Refused for a name that is not there: a filter that matches nothing would hide it for ever.
 */
export function discover(
  checks: readonly Check[],
  regions: readonly Region[],
  wanted: Wanted,
): readonly TargetGroup[] {
  const found = checks.filter((check) => !isOfMonitor(check));
  const times = new Map(found.map((check) => [check, timesOf(check, checks)]));
  const chosen = only('check', found, wanted.checks);
  return only('region', regions, wanted.regions).flatMap((region) =>
    chosen
      .filter((check) => fits(check, region))
      .map((check) => ({
        targets: [wanted.address],
        labels: {
          region: region.name,
          check: check.name,
          __metrics_path__: '/probe',
          __param_region: region.name,
          __param_check: check.name,
          ...times.get(check),
        },
      })),
  );
}

function only<Named extends { readonly name: string }>(
  what: string,
  all: readonly Named[],
  names: readonly string[] = [],
): readonly Named[] {
  const missing = names.find((name) => !all.some((each) => each.name === name));
  if (missing !== undefined)
    throw new Refused(
      400,
      `${what}=${missing} is not known; there is ${all.map(({ name }) => name).join(', ')}`,
    );
  return names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
}

/** A duration in Prometheus' form, which knows no fractions. */
const promDuration = (duration: Seconds): string =>
  Number.isInteger(duration) ? `${duration}s` : `${Math.round(duration * 1000)}ms`;

function timesOf(check: Check, all: readonly Check[]): Readonly<Record<string, string>> {
  const { interval, timeout } = scrapeTimes(check, all);
  return {
    __scrape_interval__: promDuration(interval),
    __scrape_timeout__: promDuration(timeout),
  };
}

const HOST = /^(?:[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(?::(\d{1,5}))?$/;

/**
 * Where Prometheus is to find the probes: as it says in `?address=` (a load balancer, another name), else
 * where it found this. Both come from outside and go into somebody's configuration: a host and a port,
 * and nothing else.
 *
 * @throws Refused
 */
export function addressOf(override: string | undefined, host: string | undefined): string {
  const address = override ?? host ?? '';
  const [found, port] = HOST.exec(address) ?? [];
  if (found === undefined || Number(port ?? 1) < 1 || Number(port ?? 1) > 65_535)
    throw new Refused(
      400,
      `${override === undefined ? 'the header Host' : 'address='} is no host:port, such as maasha.example.org:9877 or [2001:db8::1]:9877`,
    );
  return address;
}
