import {
  defineCheck,
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
  /** Metrics of the checks in `needs`, the value that is good, and the label that names what is missing (or its words). */
  readonly proofs: readonly {
    readonly metric: string;
    readonly good: number;
    readonly of: string;
  }[];
  /** What the sample's labels say is missing. */
  readonly missing: string;
}

const PARTS: readonly Part[] = [
  {
    name: 'vip',
    proofs: [{ metric: 'maasha_vip_up', good: 1, of: 'the VIP' }],
    missing: 'does not answer: the region is down as it is',
  },
  {
    name: 'nodes',
    proofs: [{ metric: 'maasha_node_reachable', good: 1, of: 'node' }],
    missing: 'does not answer: there is no second region controller',
  },
  {
    name: 'watchdog',
    proofs: [
      { metric: 'maasha_pgpool_up', good: 1, of: 'node' },
      { metric: 'maasha_pgpool_watchdog_peer_lost', good: 0, of: 'peer' },
    ],
    missing: 'is missing in the watchdog: nobody is left to take the virtual address over',
  },
  {
    name: 'backends',
    proofs: [{ metric: 'maasha_pgpool_backend_detached', good: 0, of: 'backend' }],
    missing:
      'is detached from pgpool: a failover to it is not possible until it is attached by hand',
  },
  {
    name: 'standby',
    proofs: [{ metric: 'maasha_postgres_replication_connected', good: 1, of: 'standby' }],
    missing: 'does not stream from the primary: the newest data exists once',
  },
  {
    name: 'dns',
    proofs: [{ metric: 'maasha_dns_slave_up', good: 1, of: 'node' }],
    missing: 'has no working slave DNS: machines are left with one resolver',
  },
];

const NEEDS = ['vip', 'pgpool-watchdog', 'postgres-replication', 'dns-serial'];

/** Whether one part has a spare (undefined: nothing speaks of it), and the notes that say so. */
function judgePart({ name, proofs, missing }: Part, results: readonly CheckResult[]) {
  const samples = proofs.flatMap(({ metric, good, of }) =>
    samplesOf(results, metric).map(({ labels, value }) => ({
      what: labels[of] ?? of,
      good: value === good,
    })),
  );
  if (samples.length === 0) return { redundant: undefined, notes: [] };
  const lacking = new Set(samples.filter(({ good }) => !good).map(({ what }) => what));
  const notes: readonly Note[] = [
    observe(part, lacking.size === 0, { part: name }),
    ...[...lacking].map((what) => evidence(name, `${what} ${missing}`)),
  ];
  return { redundant: lacking.size === 0, notes };
}

/** Checks that were asked to look at something and could not: their silence proves nothing. */
const blind = (results: readonly CheckResult[]): readonly string[] =>
  NEEDS.filter((need) => {
    const result = results.find(({ check }) => check === need);
    return result === undefined || result.failure !== undefined || result.gaps.length > 0;
  });

/** No part lacks its spare; that proves the whole only where every part is watched. */
const verdict = (unwatched: readonly string[]): readonly Note[] =>
  unwatched.length === 0
    ? [observe(region, 1, {}), evidence('redundancy', 'one more failure is survivable')]
    : [
        evidence('redundancy', 'nothing that is watched lacks its spare'),
        skip('redundancy', 'config', `nothing speaks of ${unwatched.join(', ')}`),
      ];

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
        { alert: 'MaasHaNodeDown' },
        { alert: 'MaasHaPostgresDown' },
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
    const unwatched = PARTS.filter((_each, index) => parts[index]?.redundant === undefined);
    return Promise.resolve([...notes, ...verdict(unwatched.map(({ name }) => name))]);
  },
});
