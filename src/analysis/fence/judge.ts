import { doesNotApply, evidence, gap, skip, type Note } from '../../core/check.ts';
import { CheckFailure } from '../../core/failure.ts';
import { observe } from '../../core/metric.ts';
import type { Region } from '../../core/region.ts';
import { formatDuration, seconds, type Seconds } from '../../core/time.ts';
import type { RpcAnswer } from '../region/rpc-info.ts';
import { fenceOpen, FRESH, reportAge, sessions, witnessed, type Witness } from './metrics.ts';
import type { ReportLook } from './report.ts';
import type { SessionLook, Sessions } from './sessions.ts';

/** Everything that was seen of the fence, whoever is the active node. */
export interface View {
  readonly applications: ReadonlyMap<string, RpcAnswer>;
  readonly reports: readonly ReportLook[];
  /** Undefined: no PostgreSQL is configured. */
  readonly sessions: readonly SessionLook[] | undefined;
}

/** Since when these nodes are passive, as far as one knows: what was done before then proves nothing. */
export interface Standing {
  readonly holder: string;
  /** Undefined in a one-off run. */
  readonly since: Seconds | undefined;
}

/** What one witness says of one passive node. */
interface Said {
  readonly witness: Witness;
  /** Undefined: it cannot tell. */
  readonly open: boolean | undefined;
  readonly says: string;
  /** It sees who comes in, and does not see that nobody could. */
  readonly weak?: true;
}

/** What is told of every node, and the judgement of each passive one. */
export const notesOnFence = (region: Region, view: View, standing: Standing): readonly Note[] => [
  ...region.nodes.flatMap(({ name }) =>
    name === standing.holder
      ? [doesNotApply(fenceOpen, { node: name })]
      : judged(region, name, view, standing),
  ),
];

function judged(region: Region, node: string, view: View, standing: Standing): readonly Note[] {
  const said = [
    byReport(view.reports.find((each) => each.node === node)),
    byApplication(view.applications.get(node)),
    bySessions(node, view.sessions, standing),
  ];
  const open = said.some((each) => each.open === true);
  const closed = said.some((each) => each.open === false && each.weak !== true);
  return [
    ...said.flatMap(({ witness, open: is, says }) => [
      ...(is === undefined ? [] : [observe(witnessed, is, { node, witness })]),
      evidence(node, `${CALLED[witness]}: ${says}`),
    ]),
    open || closed ? observe(fenceOpen, open, { node }) : unseen(region, node),
  ];
}

const CALLED: Readonly<Record<Witness, string>> = {
  report: 'its own report',
  application: 'its application',
  sessions: 'sessions in the database',
};

function unseen({ fencing }: Region, node: string): Note {
  const has = fencing?.reports[node] !== undefined;
  const remedy = has
    ? 'see why its report does not come'
    : `let it run \`maasha check fencing --emit\`, and name that in fencing.reports.${node}`;
  return gap(
    node,
    new CheckFailure(
      has ? 'dependency' : 'config',
      `nobody can see whether its fence holds: ${remedy}`,
    ),
  );
}

function byReport(look: ReportLook | undefined): Said {
  const said = (says: string, open?: boolean): Said => ({ witness: 'report', open, says });
  if (look === undefined || look.found === 'none') return said('none is configured');
  const { found, source } = look;
  if (found === 'absent') return said(`${source} is not there`);
  if (found instanceof CheckFailure) return said(`${source}: ${found.message}`);
  const age = `${formatDuration(found.age)} ago`;
  if (found.age > FRESH) return said(`the last one came ${age}: it tells nothing of now`);
  switch (found.fence) {
    case 'open':
      return said(`it reached the database ${age}`, true);
    case 'closed':
      return said(`it was kept from the database ${age}`, false);
    case 'active':
      return said(`it held the virtual address ${age}`);
    case undefined:
      return said(`${age}: ${found.says}`);
  }
}

function byApplication(answer: RpcAnswer | undefined): Said {
  const said = (says: string, open?: boolean): Said => ({ witness: 'application', open, says });
  if (answer === undefined) return said('was not asked');
  const { info } = answer;
  if (info instanceof CheckFailure) return said(info.message);
  if (info.state === 'active') return said(`works on a database: ${info.says}`, true);
  if (info.state === 'no_database') return said(info.says, false);
  return said(`cannot tell (${info.state.replace('_', ' ')}): ${info.says}`);
}

/** A session that did something a moment after the takeover may still have been on its way. */
const MARGIN = seconds(5);
/** To somebody who has only one look, this is the present. */
const LATELY = seconds(60);

function bySessions(
  node: string,
  looks: readonly SessionLook[] | undefined,
  { since }: Standing,
): Said {
  const said = (says: string, open?: boolean): Said => ({
    witness: 'sessions',
    open,
    says,
    weak: true,
  });
  if (looks === undefined) return said('no PostgreSQL is configured');
  const own = foundIn(looks).filter((each) => each.node === node);
  const limit = since === undefined ? LATELY : since - MARGIN;
  const [live] = own.filter(({ idle }) => idle === 0 || idle < limit);
  if (live !== undefined)
    return said(`${live.count} on ${live.server} come from ${live.address}`, true);
  if (own.length > 0) return said('those that come from it are older than the takeover', false);
  const failure = looks.map(({ found }) => found).find((found) => found instanceof CheckFailure);
  return failure === undefined ? said('none comes from it', false) : said(failure.message);
}

const foundIn = (looks: readonly SessionLook[]): readonly Sessions[] =>
  looks.flatMap(({ found }) => (found instanceof CheckFailure ? [] : found));

/** The figures, and what could not be looked at, whoever is active. */
export const notesOnSessions = (
  { nodes }: Region,
  looks: readonly SessionLook[] | undefined,
): readonly Note[] => {
  if (looks === undefined) return [];
  const all = foundIn(looks);
  const failed = looks.flatMap(({ server, found }) =>
    found instanceof CheckFailure && found.code === 'no_privilege'
      ? [skip(server, found.code, found.message)]
      : [],
  );
  const strangers = all.filter(({ node }) => node === undefined);
  const isWhole = looks.every(({ found }) => !(found instanceof CheckFailure));
  return [
    ...failed,
    ...nodes.flatMap(({ name: node }) => {
      const own = all.filter((each) => each.node === node);
      const count = own.reduce((sum, each) => sum + each.count, 0);
      return isWhole || count > 0 ? [observe(sessions, count, { node })] : [];
    }),
    ...strangers.map(({ server, address, count }) =>
      evidence(server, `${count} sessions of MAAS come from ${address}, which is no node`),
    ),
  ];
};

/** How old each report is; where none is configured there is none to be old. */
export const notesOnReports = (reports: readonly ReportLook[]): readonly Note[] =>
  reports.flatMap(({ node, found, source }): readonly Note[] => {
    if (found === 'none') return [doesNotApply(reportAge, { node })];
    if (found === 'absent')
      return [
        gap(node, new CheckFailure('dependency', `${source} is not there: no report came yet`)),
      ];
    if (found instanceof CheckFailure) return [gap(node, found)];
    return [observe(reportAge, found.age, { node })];
  });
