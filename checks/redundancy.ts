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
import type { Region } from '../src/core/region.ts';
import { seconds } from '../src/core/time.ts';
import { judgePart, PARTS, type Judged } from '../src/analysis/redundancy/parts.ts';

/*
 * The operator's second question: would the region survive one more failure? Derived, without I/O: a
 * part has a spare when enough of what speaks of it is good, has none when too little is, and is not
 * known when nothing speaks of it. Green means proven, never assumed.
 */

const part = gauge({
  name: 'maasha_redundancy_part',
  help: 'Whether this part of the region has a working spare (1) or not (0), as far as the monitor knows.',
  labels: ['part'],
});
const redundant = gauge({
  name: 'maasha_region_redundant',
  help: 'Whether the region would survive one more failure (1) or not (0); absent while that is not known.',
  labels: [],
});

const NEEDS = ['vip', 'pgpool-watchdog', 'postgres-replication', 'dns-serial', 'proxy'];

/** What is said of one part by itself. */
const notesOn = ({ part: { name }, is, says }: Judged): readonly Note[] => [
  ...(is === 'spare' || is === 'lost' ? [observe(part, is === 'spare', { part: name })] : []),
  ...(is === 'none' ? [doesNotApply(part, { part: name })] : []),
  ...(is === 'unseen' ? [] : says.map((words) => evidence(name, words))),
];

/** Checks that were asked to look at something and could not: their silence proves nothing. */
const blind = (results: readonly CheckResult[]): readonly string[] =>
  NEEDS.filter((need) => {
    const result = results.find(({ check }) => check === need);
    return result === undefined || result.failure !== undefined || result.gaps.length > 0;
  });

/** Two nodes that lack nothing: whichever part fails, the other one has all of it. */
function enoughNodes({ nodes }: Region, judged: readonly Judged[]): readonly Note[] {
  const lacking = new Set(judged.flatMap((each) => each.lacking));
  const sound = nodes.filter(({ name }) => !lacking.has(name));
  return sound.length >= 2 || lacking.size === 0
    ? []
    : [
        evidence(
          'nodes',
          `${sound.map(({ name }) => name).join(', ') || 'no node'} alone lacks nothing`,
        ),
      ];
}

/** No part lacks its spare; that proves the whole only where every part that is there was looked at. */
function proven(judged: readonly Judged[], unseen: readonly string[]): readonly Note[] {
  const silent = judged.filter(({ is }) => is === 'silent').map((each) => each.part.name);
  const why =
    unseen.length > 0
      ? `${unseen.join(', ')} could not see everything`
      : `nothing speaks of ${silent.join(', ')}`;
  if (unseen.length > 0 || silent.length > 0)
    return [gap('redundancy', new CheckFailure('dependency', why))];
  const unwatched = judged.filter(({ is }) => is === 'unseen');
  if (unwatched.length === 0)
    return [observe(redundant, 1, {}), evidence('redundancy', 'one more failure is survivable')];
  return [
    evidence('redundancy', 'nothing that is watched lacks its spare'),
    ...unwatched.map(({ part: { name }, says }) =>
      skip(name, 'config', `not watched, so not proven: ${says.join('; ')}`),
    ),
    // That is no proof of redundancy, but whatever was lacking is there again.
    doesNotApply(redundant, {}),
  ];
}

export default defineCheck({
  name: 'redundancy',
  about: 'Would the region survive one more failure? Combines what the other checks saw.',
  every: '1m',
  timeout: seconds(1),
  needs: NEEDS,
  absence: ({ nodes }) =>
    nodes.length < 2 ? 'the region has one node: it has no spare that could be lost' : undefined,
  metrics: [part, redundant],
  rules: [
    {
      name: 'MaasHaRedundancyLost',
      severity: 'warning',
      metric: redundant,
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
        { alert: 'MaasHaProxyNodeDown' },
      ],
      summary: 'The region would not survive one more failure',
    },
  ],
  run: (region, { needs }) => {
    const results = Object.values(needs);
    const judged = PARTS.map((each) => judgePart(each, region, results));
    const notes = judged.flatMap(notesOn);
    const lost = judged.some(({ is }) => is === 'lost');
    const alone = lost ? [] : enoughNodes(region, judged);
    return Promise.resolve(
      lost || alone.length > 0
        ? [observe(redundant, 0, {}), ...alone, ...notes]
        : [...proven(judged, blind(results)), ...notes],
    );
  },
});
