import type { CheckResult } from '../core/check.ts';
import type { Region } from '../core/region.ts';
import { samplesOf, valueOf } from '../core/seen.ts';

/*
 * The names of blackbox_exporter that `/probe` also shows, so that dashboards and rules made for it work.
 * Only what a check truly knows is here: no name is looked up (addresses are configured), and no HTTP
 * exchange is timed by its phases, so probe_dns_lookup_time_seconds and probe_http_duration_seconds are not.
 */

/** What a probe is about. */
export interface Probed {
  readonly result: CheckResult;
  readonly region: Region;
  /** The zone that was asked for. */
  readonly zone?: string | undefined;
}

/** One family, for what shows it and for the reference. */
export interface ProbeMetric {
  readonly name: `probe_${string}`;
  readonly type: 'gauge';
  readonly help: string;
  readonly labels: readonly string[];
  /** The check that has it; absent: every check. */
  readonly from?: string;
  /** What it is made of, where that is another metric. */
  readonly of?: `maasha_${string}`;
  /** Its value; undefined: not known, and then it is not there. */
  readonly value: (probed: Probed) => number | undefined;
  readonly with?: Readonly<Record<string, string>>;
}

const family = (address: string): number => (address.includes(':') ? 6 : 4);

const wasSeen = ({ observations }: CheckResult): boolean => observations.length > 0;

const SERIAL = 'maasha_dns_soa_serial';
const REMAINING = 'maasha_region_certificate_remaining_seconds';
const ROUND_TRIP = 'maasha_vip_icmp_round_trip_seconds';

/** The only zone that there is, where none is asked for; undefined where that is no one zone. */
export const zoneOf = ({ region, zone }: Omit<Probed, 'result'>): string | undefined => {
  const zones = region.dns?.zones ?? [];
  return zone ?? (zones.length === 1 ? zones[0] : undefined);
};

export const probeMetrics: readonly ProbeMetric[] = [
  {
    name: 'probe_success',
    type: 'gauge',
    help: '1 when the check came to ok or warning; 0 for critical and unknown. Absent where there was nothing to look at.',
    labels: [],
    value: ({ result: { state } }) =>
      state === 'skipped' ? undefined : Number(state === 'ok' || state === 'warning'),
  },
  {
    name: 'probe_duration_seconds',
    type: 'gauge',
    help: 'Wall time of the run.',
    labels: [],
    value: ({ result }) => result.took,
  },
  {
    name: 'probe_dns_serial',
    type: 'gauge',
    help: 'Serial that the master at the virtual address serves of the zone that was asked for with &zone=; without it only where one zone is configured.',
    labels: [],
    from: 'dns-serial',
    of: SERIAL,
    value: ({ result, region, zone: wanted }) => {
      const zone = zoneOf({ region, zone: wanted });
      return zone === undefined ? undefined : valueOf([result], SERIAL, { zone, server: 'vip' });
    },
  },
  {
    name: 'probe_icmp_duration_seconds',
    type: 'gauge',
    help: 'Mean round trip of the echoes to the virtual address; the only phase is rtt.',
    labels: ['phase'],
    from: 'vip',
    of: ROUND_TRIP,
    with: { phase: 'rtt' },
    value: ({ result }) => valueOf([result], ROUND_TRIP, { stat: 'mean' }),
  },
  {
    name: 'probe_ip_protocol',
    type: 'gauge',
    help: 'Version of the Internet Protocol by which the virtual address was asked: 4 or 6.',
    labels: [],
    from: 'vip',
    value: ({ result, region }) => (wasSeen(result) ? family(region.vip) : undefined),
  },
  {
    name: 'probe_ssl_earliest_cert_expiry',
    type: 'gauge',
    help: 'Unix time at which the first of the certificates expires that maas_url and the nodes show.',
    labels: [],
    from: 'region-active',
    of: REMAINING,
    value: ({ result }) => {
      const [left] = samplesOf([result], REMAINING);
      // The check counted from some moment within its run: right to as long as that took.
      return left === undefined ? undefined : Math.round(result.startedAt / 1000 + left.value);
    },
  },
];
