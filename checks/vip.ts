import { defineCheck, doesNotApply, evidence, gap, skip, type Note } from '../src/core/check.ts';
import {
  best,
  connect,
  isWantOfPrivilege,
  judged,
  ping,
  type Answer,
  type Connected,
  type Pinged,
} from '../src/analysis/reach/answer.ts';
import { CheckFailure } from '../src/core/failure.ts';
import { observe, type Observation } from '../src/core/metric.ts';
import type { Ports } from '../src/core/ports/ports.ts';
import type { Node, Region } from '../src/core/region.ts';
import { lossRatio, notesOnEchoes, roundTrip } from '../src/analysis/reach/echoes.ts';
import {
  alsoUp,
  connectTime,
  isolated,
  nodeReachable,
  nodesAnswering,
  portOpen,
  portsOpen,
  rules,
  trustedLost,
  trustedReachable,
  vipReachable,
  vipUp,
} from '../src/analysis/reach/rules.ts';
import { servicesOf } from '../src/analysis/reach/vip-services.ts';
import { seconds } from '../src/core/time.ts';

const ECHOES = { count: 3, interval: seconds(0.2), timeout: seconds(1) };
/** Long enough for one lost SYN, which the kernel repeats after a second. */
const CONNECT = { timeout: seconds(1.5) };

type Service = Connected & { readonly service: string };
type Vip = { readonly ping: Pinged; readonly connections: readonly Service[] };
type Named = { readonly name: string; readonly answer: Answer };

/** Everything that one run saw. */
interface View {
  readonly vip: Vip;
  /** The further virtual addresses, by address. */
  readonly also: readonly Named[];
  readonly nodes: readonly Named[];
  readonly trusted: readonly Named[];
  /** What the echoes of the virtual address say. */
  readonly echoes: readonly Note[];
}

export default defineCheck({
  name: 'vip',
  about: 'Whether the virtual address, its services, the nodes and the trusted servers answer.',
  every: '10s',
  timeout: seconds(4),
  metrics: [
    vipUp,
    vipReachable,
    alsoUp,
    lossRatio,
    roundTrip,
    portOpen,
    portsOpen,
    connectTime,
    nodeReachable,
    nodesAnswering,
    trustedReachable,
    trustedLost,
    isolated,
  ],
  rules,
  run: async (region, { io, memory }) => {
    const [vip, also, nodes, trusted] = await Promise.all([
      lookAtVip(region, io),
      lookAtOthers(region, io),
      Promise.all(region.nodes.map((node) => lookAtNode(region, node, io))),
      Promise.all(
        region.trustedServers.map(async (name) => ({ name, ...(await ping(io, name, ECHOES)) })),
      ),
    ]);
    const { notes: echoes, kept } = notesOnEchoes(vip, memory);
    const view: View = { vip, also, nodes, trusted, echoes };
    return [...privilege(view), ...standing(view), ...trustedNotes(view), kept];
  },
});

async function lookAtVip(region: Region, io: Ports): Promise<Vip> {
  const [echoes, connections] = await Promise.all([
    ping(io, region.vip, ECHOES),
    Promise.all(
      servicesOf(region).map(async ({ service, port }) => ({
        service,
        ...(await connect(io, { host: region.vip, port }, CONNECT)),
      })),
    ),
  ]);
  return { ping: echoes, connections };
}

async function lookAtNode(region: Region, { name, ...node }: Node, io: Ports): Promise<Named> {
  const ports = [node.postgresPort ?? region.postgres?.port, region.pgpool?.port];
  const given = ports.filter((port) => port !== undefined);
  return { name, answer: await isThere(node.address, given, io) };
}

/** The further virtual addresses, such as that of IPv6: what answers at the first answers there too. */
const lookAtOthers = (region: Region, io: Ports): Promise<readonly Named[]> => {
  const ports = servicesOf(region).map(({ port }) => port);
  return Promise.all(
    (region.alsoVips ?? []).map(async (name) => ({ name, answer: await isThere(name, ports, io) })),
  );
};

/** ICMP first; TCP only where that says nothing, for each connection costs the database a process. */
async function isThere(host: string, ports: readonly number[], io: Ports): Promise<Answer> {
  const { answer } = await ping(io, host, ECHOES);
  if (answer === 'answered') return answer;
  const tried = await Promise.all(ports.map((port) => connect(io, { host, port }, CONNECT)));
  return best([answer, ...tried.map((each) => each.answer)]);
}

const vipAnswer = ({ ping: { answer }, connections }: Vip): Answer =>
  best([answer, ...connections.map((each) => each.answer)]);

/** Says once that there is no ICMP here; everything else goes on by TCP. */
function privilege({ vip, trusted }: View): readonly Note[] {
  const want = [vip.ping.answer, ...trusted.map(({ answer }) => answer)].find(isWantOfPrivilege);
  const reason = 'this machine may not ping; TCP decides what answers';
  return want === undefined ? [] : [skip('icmp', want.code, reason)];
}

const anythingAnswers = ({ vip, also, nodes, trusted }: View): boolean =>
  [vipAnswer(vip), ...[...also, ...nodes, ...trusted].map(({ answer }) => answer)].includes(
    'answered',
  );

/** The virtual address and the nodes, unless the monitor itself is cut off. */
function standing(view: View): readonly Note[] {
  const anything = anythingAnswers(view);
  if (!anything && askedOf(view).length > 0) {
    const failure = new CheckFailure('dependency', 'the monitor reaches nothing at all');
    return [observe(isolated, 1, {}), gap('vip', failure), gap('nodes', failure)];
  }
  return [
    // Without a point of reference, a dead region and a cut-off monitor look the same.
    ...(anything ? [observe(isolated, 0, {})] : [evidence('monitor', UNDECIDED)]),
    ...vipNotes(view),
    ...(view.also.length === 0 ? [doesNotApply(alsoUp, {})] : []),
    ...view.also.flatMap((other) =>
      namedNotes(other, (up) => observe(alsoUp, up, { address: other.name })),
    ),
    ...view.nodes.flatMap((node) =>
      namedNotes(node, (up) => observe(nodeReachable, up, { node: node.name })),
    ),
    ...countOf(view.nodes),
  ];
}

const countOf = (nodes: readonly Named[]): readonly Note[] =>
  nodes.some(({ answer }) => answer instanceof CheckFailure)
    ? []
    : [observe(nodesAnswering, nodes.filter(({ answer }) => answer === 'answered').length, {})];

const UNDECIDED =
  'nothing answers, and no trusted server can be asked whether the monitor itself is cut off';

function vipNotes({ vip, echoes }: View): readonly Note[] {
  const answer = vipAnswer(vip);
  const byTcp = vip.connections.map((each) => each.answer);
  return [
    ...judged('vip', answer, (up) => observe(vipUp, up, {})),
    ...judged('vip by ICMP', vip.ping.answer, (up) =>
      observe(vipReachable, up, { method: 'icmp' }),
    ),
    ...(byTcp.length === 0
      ? []
      : judged('vip by TCP', best(byTcp), (up) => observe(vipReachable, up, { method: 'tcp' }))),
    ...echoes,
    ...vip.connections.flatMap(connectionNotes),
    ...countOpen(vip),
  ];
}

/** One service alone is all of them, and is told as itself. What could not be asked might be open. */
function countOpen({ connections }: Vip): readonly Note[] {
  if (connections.length < 2) return [doesNotApply(portsOpen, {})];
  const open = connections.filter(({ took }) => took !== undefined).length;
  const unknown = connections.some(({ answer }) => answer instanceof CheckFailure);
  return open === 0 && unknown ? [] : [observe(portsOpen, open, {})];
}

function connectionNotes({ service, answer, took }: Service): readonly Note[] {
  if (answer instanceof CheckFailure) return [gap(`vip ${service}`, answer)];
  if (took !== undefined) {
    return [observe(portOpen, 1, { service }), observe(connectTime, took, { service })];
  }
  const why = answer === 'answered' ? 'refuses connections' : 'does not answer';
  return [observe(portOpen, 0, { service }), evidence('vip', `${service} ${why}`)];
}

const namedNotes = (
  { name, answer }: Named,
  toObservation: (up: boolean) => Observation,
): readonly Note[] => [
  ...judged(name, answer, toObservation),
  ...(answer === 'silent' ? [evidence(name, 'does not answer')] : []),
];

/** The trusted servers that could be asked. */
const askedOf = ({ trusted }: View): readonly Named[] =>
  trusted.filter(({ answer }) => !(answer instanceof CheckFailure));

function trustedNotes(view: View): readonly Note[] {
  const asked = askedOf(view);
  const lost = !asked.some(({ answer }) => answer === 'answered');
  return [
    ...view.trusted.flatMap((server) =>
      namedNotes(server, (up) => observe(trustedReachable, up, { server: server.name })),
    ),
    // Known only while something answers: else it may be the monitor that is cut off.
    ...(asked.length > 0 && anythingAnswers(view) ? [observe(trustedLost, lost, {})] : []),
    ...(view.trusted.length === 0 ? [doesNotApply(trustedLost, {})] : []),
  ];
}
