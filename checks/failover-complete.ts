import { follow, hasFollowed, recall, type Remembered } from '../src/analysis/takeover/memory.ts';
import { completed, laggards, missing, rules } from '../src/analysis/takeover/metrics.ts';
import { lookNotes, movingNotes, settledNotes } from '../src/analysis/takeover/notes.ts';
import {
  attachedNow,
  judgeParts,
  type Judged,
  type Situation,
} from '../src/analysis/takeover/parts.ts';
import {
  defineCheck,
  gap,
  remember,
  skip,
  type CheckContext,
  type Note,
} from '../src/core/check.ts';
import { CheckFailure } from '../src/core/failure.ts';
import type { Region } from '../src/core/region.ts';
import { namesWhere, valueOf } from '../src/core/seen.ts';
import { between, instant, seconds } from '../src/core/time.ts';

/** Who holds the address is seen by one of these, or by nobody. */
function absence({ nodes, pgpool, dns, interface: wire, marker }: Region): string | undefined {
  if (nodes.length < 2) return 'the region has one node: its address cannot move';
  return pgpool?.pcp === undefined &&
    dns === undefined &&
    wire === undefined &&
    marker === undefined
    ? 'nothing that is configured tells who holds the virtual address'
    : undefined;
}

export default defineCheck({
  name: 'failover-complete',
  about:
    'Whether all that belongs to the virtual address followed its last move: web server, DNS master, proxy, event loops and clusters; and how long that took.',
  every: '1m',
  timeout: seconds(1),
  needs: [
    ...['vip-owner', 'postgres-vip', 'region-app', 'dns-serial', 'proxy'],
    ...['cluster-controllers', 'cluster-connections', 'rack-connections'],
  ],
  absence,
  metrics: [missing, laggards, completed],
  rules,
  run: (region, context) => {
    const reason = absence(region);
    return Promise.resolve(
      reason === undefined ? seeMove(region, context) : [skip('takeover', 'config', reason)],
    );
  },
});

function seeMove(region: Region, context: CheckContext): readonly Note[] {
  const { needs, clock, memory, once } = context;
  const results = Object.values(needs);
  const now = clock.steady();
  const before = recall(
    memory,
    region.nodes.map(({ name }) => name),
    now,
  );
  const holders = namesWhere(results, 'maasha_vip_owner', 'node');
  const [holder] = holders;
  if (holder === undefined || holders.length > 1) return notSeen(holders, before);
  const situation: Situation = { region, holder, results, now: clock.now() };
  if (once) return lookNotes(judgeParts(situation), holder);
  const since = valueOf(results, 'maasha_vip_owner_since_timestamp_seconds');
  if (since === undefined) return notSeen([], before);
  const held = Math.max(0, clock.now() - since * 1000);
  const after = follow(before, holder, { at: instant(now - held), now });
  return after.move === undefined || after.move.completed !== undefined
    ? settled(situation, after, context)
    : moving(situation, after, context);
}

/** Not known who holds it, or not yet proven: what was known stays. */
function notSeen(holders: readonly string[], before: Remembered | undefined): readonly Note[] {
  const why =
    holders.length > 1
      ? `${holders.join(' and ')} both hold the virtual address`
      : 'it is not proven at present who holds the virtual address';
  return [
    gap('takeover', new CheckFailure('dependency', why)),
    ...(before === undefined ? [] : [remember(before)]),
  ];
}

function settled(
  situation: Situation,
  after: Remembered,
  { clock }: CheckContext,
): readonly Note[] {
  const attached = attachedNow(situation.results, after.attached);
  return [
    ...settledNotes(judgeParts(situation), after.move, clock.steady()),
    remember({ ...after, attached }),
  ];
}

/** A process that is younger than this when the move is seen may have been restarted by it. */
const RESTARTED_WITHIN = seconds(60);

function moving(situation: Situation, after: Remembered, context: CheckContext): readonly Note[] {
  const { move } = after;
  if (move === undefined) return [];
  const now = context.clock.steady();
  const elapsed = between(move.at, now);
  const judged = judgeParts({
    ...situation,
    since: instant(situation.now - elapsed * 1000),
    oldFrom: seconds(between(move.before, now) + RESTARTED_WITHIN),
    attached: after.attached,
  }).map((each) => (hasFollowed(move, each.part) ? inTime(each) : each));
  const followed = judged.flatMap(({ part, is }) => (is === 'here' ? [part] : []));
  if (!judged.every(({ is }) => is === 'here' || is === 'none'))
    return [...movingNotes(judged, move, now), remember({ ...after, move: { ...move, followed } })];
  const done = { ...move, followed, completed: elapsed };
  return settled(situation, { ...after, move: done }, context);
}

/** What it is like by now is nothing of this move any more. */
const inTime = (judged: Judged): Judged => ({ part: judged.part, is: 'here', says: 'followed' });
