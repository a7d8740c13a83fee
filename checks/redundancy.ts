import {
  defineCheck,
  doesNotApply,
  evidence,
  gap,
  skip,
  type CheckResult,
  type Note,
} from '../src/core/check.ts';
import { CheckFailure } from '../src/core/failure.ts';
import { gauge, observe } from '../src/core/metric.ts';
import { samplesOf } from '../src/core/seen.ts';
import { seconds } from '../src/core/time.ts';

/*
 * The operator's second question: would the region survive one more failure? Derived, without I/O: a
 * part has a spare when every sample that speaks of it is good, has none as soon as one is bad, and
 * is not known when nothing speaks of it. Green means proven, never assumed.
 */

const part = gauge({
  name: 'maasha_redundancy_part',
  help: 'Whether this part of the region has a working spare (1) or not (0), as far as the monitor knows.',
  labels: ['part'],
});
const region = gauge({
  name: 'maasha_region_redundant',
  help: 'Whether the region would survive one more failure (1) or not (0); absent while that is not known.',
  labels: [],
});

interface Part {
  readonly name: string;
  /** The check that looks at it. */
  readonly check: string;
  /** Metrics of the checks in `needs`, the value that is good, and the label that names what is missing (or its words). */
  readonly proofs: readonly {
    readonly metric: string;
    readonly good: number;
    readonly of: string;
  }[];
  /** What the sample's labels say is missing. */
  readonly missing: string;
  /** A metric that can only disprove: where it is not 1, the words say what the region lacks. */
  readonly unless?: { readonly metric: string; readonly lacks: string };
}

const PARTS: readonly Part[] = [
  {
    name: 'vip',
    check: 'vip',
    proofs: [{ metric: 'maasha_vip_up', good: 1, of: 'the VIP' }],
    missing: 'does not answer: the region is down as it is',
  },
  {
    name: 'nodes',
    check: 'vip',
    proofs: [{ metric: 'maasha_node_reachable', good: 1, of: 'node' }],
    missing: 'does not answer: there is no second region controller',
  },
  {
    name: 'watchdog',
    check: 'pgpool-watchdog',
    proofs: [
      { metric: 'maasha_pgpool_up', good: 1, of: 'node' },
      { metric: 'maasha_pgpool_watchdog_peer_lost', good: 0, of: 'peer' },
    ],
    missing: 'is missing in the watchdog: nobody is left to take the virtual address over',
  },
  {
    name: 'backends',
    check: 'pgpool-watchdog',
    proofs: [{ metric: 'maasha_pgpool_backend_detached', good: 0, of: 'backend' }],
    missing:
      'is detached from pgpool: a failover to it is not possible until it is attached by hand',
  },
  {
    name: 'standby',
    check: 'postgres-replication',
    proofs: [{ metric: 'maasha_postgres_replication_connected', good: 1, of: 'standby' }],
    missing: 'does not stream from the primary: the newest data exists once',
    unless: {
      metric: 'maasha_postgres_primaries',
      lacks: 'not exactly one node is primary: no standby has anybody to follow',
    },
  },
  {
    name: 'dns',
    check: 'dns-serial',
    proofs: [{ metric: 'maasha_dns_slave_up', good: 1, of: 'node' }],
    missing: 'has no working slave DNS: machines are left with one resolver',
  },
];

const NEEDS = ['vip', 'pgpool-watchdog', 'postgres-replication', 'dns-serial'];

/** Whether one part has a spare (undefined: nothing speaks of it), and the notes that say so. */
function judgePart({ name, proofs, missing, unless }: Part, results: readonly CheckResult[]) {
  const samples = proofs.flatMap(({ metric, good, of }) =>
    samplesOf(results, metric).map(({ labels, value }) => ({
      what: labels[of] ?? of,
      good: value === good,
    })),
  );
  const disproved =
    unless !== undefined &&
    samplesOf(results, unless.metric).some(({ value }) => value !== 1) &&
    unless.lacks;
  if (samples.length === 0 && disproved === false) return { redundant: undefined, notes: [] };
  const bad = samples.filter(({ good }) => !good).map(({ what }) => `${what} ${missing}`);
  const lacking = new Set(disproved === false ? bad : [disproved, ...bad]);
  const notes: readonly Note[] = [
    observe(part, lacking.size === 0, { part: name }),
    ...[...lacking].map((says) => evidence(name, says)),
  ];
  return { redundant: lacking.size === 0, notes };
}

/** Checks that were asked to look at something and could not: their silence proves nothing. */
const blind = (results: readonly CheckResult[]): readonly string[] =>
  NEEDS.filter((need) => {
    const result = results.find(({ check }) => check === need);
    return result === undefined || result.failure !== undefined || result.gaps.length > 0;
  });

/** A part that the check does not look at by configuration, or of which it says that there is none. */
const isAbsent = ({ check, proofs }: Part, results: readonly CheckResult[]): boolean =>
  results
    .filter((result) => result.check === check)
    .some(
      ({ state, inapplicable }) =>
        state === 'skipped' ||
        proofs.some(({ metric }) => inapplicable.some((each) => each.metric.name === metric)),
    );

/** No part lacks its spare; that proves the whole only where something speaks of every part. */
function verdict(unspoken: readonly Part[], results: readonly CheckResult[]): readonly Note[] {
  if (unspoken.length === 0)
    return [observe(region, 1, {}), evidence('redundancy', 'one more failure is survivable')];
  const names = unspoken.map(({ name }) => name).join(', ');
  if (!unspoken.every((each) => isAbsent(each, results)))
    return [gap('redundancy', new CheckFailure('dependency', `nothing speaks of ${names}`))];
  return [
    evidence('redundancy', 'nothing that is watched lacks its spare'),
    skip('redundancy', 'config', `nothing speaks of ${names}`),
    // That is no proof of redundancy, but whatever was lacking is there again.
    doesNotApply(region, {}),
  ];
}

export default defineCheck({
  name: 'redundancy',
  about: 'Would the region survive one more failure? Combines what the other checks saw.',
  every: '1m',
  timeout: seconds(1),
  needs: NEEDS,
  metrics: [part, region],
  rules: [
    {
      name: 'MaasHaRedundancyLost',
      severity: 'warning',
      metric: region,
      when: { equal: 0 },
      for: seconds(600),
      // It summarises: whoever knows what is missing need not be told that something is.
      inhibitedBy: [
        { alert: 'MaasHaVipUnreachable' },
        { alert: 'MaasHaNodeDown' },
        { alert: 'MaasHaPostgresDown' },
        { alert: 'MaasHaNoPrimary' },
        { alert: 'MaasHaTwoPrimaries' },
        { alert: 'MaasHaPgpoolDown' },
        { alert: 'MaasHaStandbyMissing' },
        { alert: 'MaasHaPgpoolBackendDetached' },
        { alert: 'MaasHaWatchdogPeerLost' },
        { alert: 'MaasHaDnsSlaveDown' },
      ],
      summary: 'The region would not survive one more failure',
    },
  ],
  run: (_, { needs }) => {
    const results = Object.values(needs);
    const parts = PARTS.map((each) => judgePart(each, results));
    const notes = parts.flatMap((each) => each.notes);
    const unseen = blind(results);
    if (parts.some(({ redundant }) => redundant === false))
      return Promise.resolve([observe(region, 0, {}), ...notes]);
    if (unseen.length > 0) {
      const why = `${unseen.join(', ')} could not see everything`;
      return Promise.resolve([gap('redundancy', new CheckFailure('dependency', why)), ...notes]);
    }
    const unspoken = PARTS.filter((_each, index) => parts[index]?.redundant === undefined);
    return Promise.resolve([...notes, ...verdict(unspoken, results)]);
  },
});
