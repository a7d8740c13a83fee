import {
  defineCheck,
  evidence,
  gap,
  skip,
  type CheckContext,
  type Note,
} from '../src/core/check.ts';
import { compareAll, referencesOf, type Standing } from '../src/analysis/divergence/histories.ts';
import {
  describe,
  divergenceMetrics,
  divergenceRules,
  MAY_REPLICATE,
  ofAnotherSystem,
  united,
  withoutLogin,
} from '../src/analysis/divergence/notes.ts';
import { CheckFailure, toFailure } from '../src/core/failure.ts';
import type { PostgresServer, PostgresSession, Walsender } from '../src/core/ports/postgres.ts';
import type { Node, Region } from '../src/core/region.ts';
import { CONNECT, placeOf, QUERY } from '../src/analysis/replication/ask.ts';
import { readSnapshot, readStandby } from '../src/analysis/replication/rows.ts';
import { replicationSql } from '../src/analysis/replication/sql.ts';
import { seconds } from '../src/core/time.ts';

/** The first version that lets a role log in for replication by the way of its database. */
const LOGICAL = 90_400;

/** What a node says on the connection that is kept anyway. */
interface Known {
  readonly node: Node;
  readonly at: PostgresServer;
  readonly session: PostgresSession;
  readonly writes: boolean;
  readonly system: string | undefined;
  readonly timeline: number | undefined;
  /** A standby that receives from nobody may be one that cannot follow. */
  readonly fed: boolean;
}
interface Unknown {
  readonly node: Node;
  readonly failure: CheckFailure;
}
type Seen = Known | Unknown;

const isKnown = (seen: Seen): seen is Known => 'session' in seen;

async function ask(node: Node, region: Region, { io }: CheckContext): Promise<Seen> {
  const server = region.postgres;
  if (server === undefined) return { node, failure: new CheckFailure('config', 'no PostgreSQL') };
  const at = placeOf(node, server);
  try {
    const session = await io.postgres.open(at, CONNECT);
    const sql = replicationSql(session.version);
    const said = readSnapshot(await session.query(sql.snapshot, QUERY));
    const known = { node, at, session, system: said.system, timeline: said.timeline };
    if (!said.recovering) return { ...known, writes: true, fed: true };
    const { receiver } = readStandby(await session.query(sql.standby, QUERY));
    const received = receiver.is === 'present' ? receiver.timeline : undefined;
    const timeline = received ?? known.timeline;
    return { ...known, timeline, writes: false, fed: receiver.is !== 'absent' };
  } catch (thrown) {
    return { node, failure: toFailure(thrown) };
  }
}

/** Whether anything hints at two histories; only then every server is asked for its own. */
function isSuspicious(known: readonly Known[]): boolean {
  const writing = known.filter(({ writes }) => writes).length;
  const [first] = known;
  return (
    known.length > 1 &&
    (writing > 1 ||
      known.some(({ timeline }) => timeline === undefined || timeline !== first?.timeline) ||
      (writing > 0 && known.some(({ fed }) => !fed)))
  );
}

type Answer = { readonly known: Known } & (
  { readonly standing: Standing; readonly system: string } | { readonly failure: CheckFailure }
);

/** Asks one server for its history, in the replication protocol. */
async function historyOf(known: Known, { io }: CheckContext): Promise<Answer> {
  const { node, at, session, writes } = known;
  try {
    const physical = session.version < LOGICAL;
    const walsender: Walsender = await io.walsender.open(at, { ...CONNECT, physical });
    const { system, timeline, position } = await walsender.identify(QUERY);
    const ancestors = timeline > 1 ? await walsender.timelineHistory(timeline, QUERY) : [];
    return { known, system, standing: { node: node.name, writes, timeline, position, ancestors } };
  } catch (thrown) {
    return { known, failure: toFailure(thrown) };
  }
}

const LACKS_LOGIN: readonly string[] = ['auth', 'no_privilege'];

/** What the histories show, where they differ from what one look at the timelines shows. */
async function compare(
  region: Region,
  known: readonly Known[],
  complete: boolean,
  context: CheckContext,
): Promise<readonly Note[]> {
  const answers = await Promise.all(known.map((each) => historyOf(each, context)));
  const failed = answers.filter((answer) => 'failure' in answer);
  const told = answers.filter((answer) => 'standing' in answer);
  const systems = new Map(told.map(({ standing, system }) => [standing.node, system]));
  const [reference] = told.length === 0 ? [] : referencesOf(told.map(({ standing }) => standing));
  const own = reference && systems.get(reference.node);
  const standings = told.filter(({ system }) => system === own).map(({ standing }) => standing);
  const strangers = told.filter(({ system }) => system !== own);
  return [
    ...describe(standings, compareAll(standings), complete && failed.length === 0),
    ...strangers.flatMap(({ standing }) => ofAnotherSystem(standing.node)),
    ...failed.map(({ known: { node }, failure }) =>
      LACKS_LOGIN.includes(failure.code)
        ? withoutLogin(region, node.name, failure)
        : gap(node.name, failure),
    ),
    ...(failed.length === 0 ? [] : known.flatMap(sayTimeline)),
  ];
}

const sayTimeline = ({ node, writes, timeline }: Known): readonly Note[] => [
  evidence(
    node.name,
    `is a ${writes ? 'primary' : 'standby'} on ${timeline === undefined ? 'a timeline that it does not tell' : `timeline ${timeline}`}`,
  ),
];

/** In peace, whether the account could look closer when it comes to that. */
async function mayLook(region: Region, known: readonly Known[]): Promise<readonly Note[]> {
  const asked = known.find(({ writes }) => writes) ?? known[0];
  if (asked === undefined) return [];
  try {
    const [row] = await asked.session.query(MAY_REPLICATE, QUERY);
    if (row?.['may'] !== 'false') return [];
    const failure = new CheckFailure('no_privilege', 'the account has no REPLICATION');
    return [withoutLogin(region, region.name, failure)];
  } catch (thrown) {
    return [gap(asked.node.name, toFailure(thrown))];
  }
}

export default defineCheck({
  name: 'postgres-divergence',
  about: 'Whether the histories of the PostgreSQL nodes have parted, where, and what is at stake.',
  every: '30s',
  timeout: seconds(10),
  absence: ({ postgres, nodes }) =>
    postgres === undefined
      ? 'no PostgreSQL is configured (section `postgres`)'
      : nodes.length < 2
        ? 'there is only one node: nothing that it could part from'
        : undefined,
  metrics: divergenceMetrics,
  rules: divergenceRules,
  async run(region, context) {
    if (region.postgres === undefined || region.nodes.length < 2)
      return [skip('postgres', 'config', 'no two PostgreSQL nodes are configured')];
    const seen = await Promise.all(region.nodes.map((node) => ask(node, region, context)));
    const known = seen.filter(isKnown);
    const blind = seen.flatMap((each) =>
      isKnown(each) ? [] : [gap(each.node.name, each.failure)],
    );
    const complete = blind.length === 0;
    if (isSuspicious(known))
      return [...(await compare(region, known, complete, context)), ...blind];
    return [
      ...(complete ? known.flatMap(({ node }) => united(node.name)) : []),
      ...(complete ? [] : known.flatMap(sayTimeline)),
      ...(await mayLook(region, known)),
      ...blind,
    ];
  },
});
