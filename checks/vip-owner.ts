import {
  disagreesStill,
  follow,
  movedRecently,
  recall,
  type Held,
  type History,
} from '../src/analysis/owner/history.ts';
import * as found from '../src/analysis/owner/rules.ts';
import { statementsIn, type Statement } from '../src/analysis/owner/statements.ts';
import { judgeOwner, rememberSayings, type Verdict } from '../src/analysis/owner/verdict.ts';
import { describeVerdict, describeLeftover } from '../src/analysis/owner/words.ts';
import {
  defineCheck,
  doesNotApply,
  evidence,
  gap,
  remember,
  skip,
  type CheckContext,
  type CheckResult,
  type Note,
} from '../src/core/check.ts';
import { CheckFailure } from '../src/core/failure.ts';
import { observe } from '../src/core/metric.ts';
import type { Region } from '../src/core/region.ts';
import { namesWhere, valueOf } from '../src/core/seen.ts';
import { seconds } from '../src/core/time.ts';

const NOTHING = 'nothing that is configured tells who holds the virtual address, or who is primary';

/** Whether anything that is configured can ever tell who holds the address. */
const hasWitness = ({ pgpool, dns, interface: wire, marker }: Region): boolean =>
  pgpool?.pcp !== undefined ||
  (dns !== undefined && dns.zones.length > 0) ||
  wire !== undefined ||
  marker !== undefined;

const isWatched = (region: Region): boolean => hasWitness(region) || region.postgres !== undefined;

/** Who holds the virtual address, by which witnesses, since when. */
export default defineCheck({
  name: 'vip-owner',
  about: 'Who holds the virtual address, by which independent witnesses, and since when.',
  every: '1m',
  timeout: seconds(1),
  needs: ['vip', 'vip-witness', 'pgpool-watchdog', 'postgres-replication', 'dns-serial'],
  absence: (region) => (isWatched(region) ? undefined : NOTHING),
  metrics: found.metrics,
  rules: found.rules,
  run: (region, context) => {
    if (!isWatched(region)) return Promise.resolve([skip('vip', 'config', NOTHING)]);
    const before = recall(
      context.memory,
      region.nodes.map(({ name }) => name),
    );
    const look = seeOwner(region, context, before);
    const primary = seePrimary(context, before);
    const after: History = { ...look.history, ...(primary !== undefined && { primary }) };
    return Promise.resolve([
      ...look.notes,
      ...(primary === undefined || context.once ? [] : [recent('primary', primary, context)]),
      ...(region.postgres === undefined
        ? [doesNotApply(found.failoverRecent, { of: 'primary' })]
        : []),
      remember(after),
    ]);
  },
});

type Seen = Pick<CheckContext, 'needs' | 'clock' | 'once'>;

const recent = (of: string, held: Held, { clock }: Seen): Note =>
  observe(found.failoverRecent, movedRecently(held, clock.steady()), { of });

/** The primary is followed where exactly one node says that it is that. */
function seePrimary({ needs, clock }: Seen, { primary }: History): Held | undefined {
  const [node, ...others] = namesWhere(Object.values(needs), 'maasha_postgres_role', 'node', {
    state: 'primary',
  });
  return follow(primary, others.length === 0 ? node : undefined, clock.steady());
}

function seeOwner(region: Region, context: Seen, before: History) {
  if (!hasWitness(region)) {
    const reason = 'only who is primary is known: nothing configured tells who holds the address';
    const notes = [
      skip('vip', 'config', reason),
      doesNotApply(found.failoverRecent, { of: 'vip' }),
    ];
    return { notes, history: before };
  }
  const { needs, clock } = context;
  const now = clock.steady();
  const statements = statementsIn(
    needs,
    region.nodes.map(({ name }) => name),
  );
  const sayings = rememberSayings(statements, before.sayings, clock.now());
  const verdict = judgeOwner(statements, sayings, isAnswering(context));
  const [holder] = verdict.holders ?? [];
  const moved = verdict.settled && verdict.holders?.length === 1 ? holder : undefined;
  const vip = follow(before.vip, moved ?? firstSight(before, verdict), now);
  const disagreedAt = verdict.disagree ? now : before.disagreedAt;
  const history: History = {
    ...before,
    sayings,
    ...(vip !== undefined && { vip }),
    ...(disagreedAt !== undefined && { disagreedAt }),
  };
  return { history, notes: ownerNotes(region, context, verdict, history) };
}

/** What one witness shows is enough to begin with; to see a move takes more. */
const firstSight = ({ vip }: History, { holders }: Verdict): string | undefined =>
  vip === undefined && holders?.length === 1 ? holders[0] : undefined;

function isAnswering({ needs }: Seen): boolean | undefined {
  const up = valueOf(Object.values(needs), 'maasha_vip_up');
  return up === undefined ? undefined : up === 1;
}

function ownerNotes(
  region: Region,
  context: Seen,
  verdict: Verdict,
  { vip, disagreedAt }: History,
): readonly Note[] {
  if (verdict.fresh.length + verdict.stale.length === 0) {
    const failure = new CheckFailure('dependency', 'no witness says who holds it at present');
    return [gap('vip', failure), ...historyNotes(context, vip, undefined)];
  }
  const { holders, by } = verdict;
  const { needs, clock } = context;
  const still = verdict.disagree || disagreesStill(disagreedAt, clock.steady());
  return [
    ...(holders === undefined
      ? []
      : region.nodes.map(({ name: node }) =>
          observe(found.owner, holders.includes(node), { node }),
        )),
    ...countOf(verdict),
    ...(holders?.length === 1 ? [observe(found.witnesses, by.length, {})] : []),
    observe(found.disagree, still, {}),
    ...leaderNotes(region, context, verdict),
    ...leftoverNotes(region, context, verdict),
    ...describeVerdict(verdict, Object.values(needs)).map((says) => evidence('vip', says)),
    ...historyNotes(context, vip, holders?.length === 1 ? holders[0] : undefined),
  ];
}

/** By the witnesses that can show several: the wire, and the pgpools, which are asked one by one. */
function countOf({ holders, fresh }: Verdict): readonly Note[] {
  const claims = fresh.find(({ witness }) => witness === 'pcp')?.nodes.length ?? 0;
  if (holders === undefined && claims < 2) return [];
  return [observe(found.owners, Math.max(holders?.length ?? 0, claims > 1 ? claims : 0), {})];
}

const pcpOf = ({ fresh }: Verdict): Statement | undefined =>
  fresh.find(({ witness }) => witness === 'pcp');

/** The holder and the leader must be the same node; judged where two witnesses prove the holder. */
function leaderNotes({ pgpool }: Region, { needs }: Seen, verdict: Verdict): readonly Note[] {
  if (pgpool?.pcp === undefined) return [doesNotApply(found.ownerLeads, {})];
  const leaders = namesWhere(Object.values(needs), 'maasha_pgpool_watchdog_node_state', 'peer', {
    state: 'leader',
  });
  const [holder, ...others] = verdict.holders ?? [];
  if (leaders.length !== 1 || pcpOf(verdict) === undefined)
    return [gap('leader', new CheckFailure('dependency', 'which node leads is not known'))];
  const proven = holder !== undefined && others.length === 0 && verdict.by.length > 1;
  return proven ? [observe(found.ownerLeads, leaders[0] === holder, {})] : [];
}

/** Two hold it and one of them leads: the other one kept what it should have given up. */
function leftoverNotes(region: Region, { needs }: Seen, verdict: Verdict): readonly Note[] {
  const wire = verdict.fresh.find(({ witness }) => witness === 'arp')?.nodes;
  if (wire === undefined)
    return region.interface === undefined ? [] : withoutWire(needs['vip-witness']);
  const [leader, ...others] = pcpOf(verdict)?.nodes ?? [];
  const isTold = leader !== undefined && others.length === 0 && wire.includes(leader);
  if (wire.length > 1 && !isTold) return [];
  return region.nodes.flatMap(({ name: node }) => {
    const stays = wire.length > 1 && node !== leader && wire.includes(node);
    const words = stays ? describeLeftover(node, leader ?? '', Object.values(needs)) : [];
    return [observe(found.leftover, stays, { node }), ...words.map((says) => evidence(node, says))];
  });
}

/** Where the wire may be looked at and shows nothing, that is missing; else it is not looked at here. */
const withoutWire = (witness: CheckResult | undefined): readonly Note[] => {
  const why = 'nobody on the wire says who holds it';
  if (witness === undefined || witness.state === 'skipped') return [];
  return [
    witness.skips.length > 0
      ? skip('wire', 'dependency', why)
      : gap('wire', new CheckFailure('dependency', why)),
  ];
};

function historyNotes(
  { clock, once }: Seen,
  vip: Held | undefined,
  holder: string | undefined,
): readonly Note[] {
  if (once)
    return [evidence('vip', 'one look cannot tell since when that is so, nor how often it moved')];
  if (vip === undefined) return [];
  const age = clock.steady() - vip.since;
  return [
    ...(holder === vip.node
      ? [observe(found.since, Math.round((clock.now() - age) / 1000), {})]
      : []),
    observe(found.changes, vip.changes, {}),
    observe(found.changesLately, vip.moves.length, {}),
    recent('vip', vip, { clock, once, needs: {} }),
  ];
}
