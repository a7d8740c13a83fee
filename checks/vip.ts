import { evidence, defineCheck, gap, skip, type Note } from '../src/core/check.ts';
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
import { gauge, observe, type Observation } from '../src/core/metric.ts';
import type { PingReport } from '../src/core/ports/network.ts';
import type { Ports } from '../src/core/ports/ports.ts';
import type { Node, Region } from '../src/core/region.ts';
import type { Rule } from '../src/core/rule.ts';
import { servicesOf } from '../src/analysis/reach/vip-services.ts';
import { seconds } from '../src/core/time.ts';

const vipUp = gauge({
  name: 'maasha_vip_up',
  help: 'Whether the virtual address answers the monitor in any way (1) or not at all (0); a refused TCP connection is an answer.',
  labels: [],
});
const vipReachable = gauge({
  name: 'maasha_vip_reachable',
  help: 'Whether the virtual address answers the monitor by this method (1) or not (0).',
  labels: ['method'],
});
const lossRatio = gauge({
  name: 'maasha_vip_icmp_loss_ratio',
  help: 'Share of the echo requests of one run that the virtual address left unanswered, from 0 to 1, as long as it answers any.',
  labels: [],
});
const roundTrip = gauge({
  name: 'maasha_vip_icmp_round_trip_seconds',
  help: 'Round trip of the echoes of one run from the monitor to the virtual address: least, mean or greatest.',
  labels: ['stat'],
});
const portOpen = gauge({
  name: 'maasha_vip_port_open',
  help: 'Whether a TCP connection from the monitor to this service at the virtual address is accepted (1) or not (0).',
  labels: ['service'],
});
const connectTime = gauge({
  name: 'maasha_vip_connect_seconds',
  help: 'Time that the TCP connection from the monitor to this service at the virtual address took to stand.',
  labels: ['service'],
});
const nodeReachable = gauge({
  name: 'maasha_node_reachable',
  help: 'Whether this region controller answers the monitor by ICMP or, failing that, by TCP (1) or not at all (0).',
  labels: ['node'],
});
const trustedReachable = gauge({
  name: 'maasha_trusted_server_reachable',
  help: 'Whether this trusted server answers an echo request of the monitor (1) or not (0).',
  labels: ['server'],
});
const trustedLost = gauge({
  name: 'maasha_trusted_servers_lost',
  help: 'Whether every trusted server is silent while something else answers the monitor (1) or not (0).',
  labels: [],
});
const isolated = gauge({
  name: 'maasha_monitor_isolated',
  help: 'Whether nothing at all answers the monitor, neither the virtual address nor a node nor a trusted server (1), or something does (0).',
  labels: [],
});

const byIsolation = [{ alert: 'MaasHaMonitorIsolated' }];

const rules: readonly Rule[] = [
  {
    name: 'MaasHaVipUnreachable',
    severity: 'critical',
    metric: vipUp,
    when: { equal: 0 },
    for: seconds(15),
    inhibitedBy: byIsolation,
    summary: 'The virtual address answers neither ping nor TCP: the region is down for its users',
  },
  {
    name: 'MaasHaVipServiceDown',
    severity: 'critical',
    metric: portOpen,
    when: { equal: 0 },
    for: seconds(15),
    inhibitedBy: [{ alert: 'MaasHaVipUnreachable' }],
    summary: 'No connection to {service} at the virtual address: what needs it does not work',
  },
  {
    name: 'MaasHaVipPacketLoss',
    severity: 'warning',
    metric: lossRatio,
    // One of three is a third: that alone is not yet a pattern.
    when: { above: 0.34 },
    clear: { below: 0.1 },
    for: seconds(30),
    inhibitedBy: [{ alert: 'MaasHaVipUnreachable' }],
    summary: 'The virtual address loses echoes (share {value}): expect a failover without need',
  },
  {
    name: 'MaasHaNodeDown',
    severity: 'warning',
    metric: nodeReachable,
    when: { equal: 0 },
    for: seconds(30),
    inhibitedBy: byIsolation,
    summary: 'Region controller {node} does not answer: the region has no spare left',
  },
  {
    name: 'MaasHaTrustedServersLost',
    severity: 'critical',
    metric: trustedLost,
    when: { equal: 1 },
    for: seconds(10),
    summary:
      'All trusted servers are silent: within 15 s both pgpools drop the virtual address and exit, and nothing restarts them',
  },
  {
    name: 'MaasHaMonitorIsolated',
    severity: 'critical',
    metric: isolated,
    when: { equal: 1 },
    for: seconds(20),
    summary: 'The monitor reaches nothing, not even a trusted server: it is blind to the region',
  },
];

const ECHOES = { count: 3, interval: seconds(0.2), timeout: seconds(1) };
/** Long enough for one lost SYN, which the kernel repeats after a second. */
const CONNECT = { timeout: seconds(1.5) };

type Service = Connected & { readonly service: string };
type Vip = { readonly ping: Pinged; readonly connections: readonly Service[] };
type Named = { readonly name: string; readonly answer: Answer };

/** Everything that one run saw. */
interface View {
  readonly vip: Vip;
  readonly nodes: readonly Named[];
  readonly trusted: readonly Named[];
}

export default defineCheck({
  name: 'vip',
  about: 'Whether the virtual address, its services, the nodes and the trusted servers answer.',
  every: '10s',
  timeout: seconds(4),
  metrics: [
    vipUp,
    vipReachable,
    lossRatio,
    roundTrip,
    portOpen,
    connectTime,
    nodeReachable,
    trustedReachable,
    trustedLost,
    isolated,
  ],
  rules,
  run: async (region, { io }) => {
    const [vip, nodes, trusted] = await Promise.all([
      lookAtVip(region, io),
      Promise.all(region.nodes.map((node) => lookAtNode(region, node, io))),
      Promise.all(
        region.trustedServers.map(async (name) => ({ name, ...(await ping(io, name, ECHOES)) })),
      ),
    ]);
    const view: View = { vip, nodes, trusted };
    return [...privilege(view), ...standing(view), ...trustedNotes(view)];
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

/** ICMP first; TCP only where that says nothing, for each connection costs the database a process. */
async function lookAtNode(region: Region, node: Node, io: Ports): Promise<Named> {
  const { answer } = await ping(io, node.address, ECHOES);
  if (answer === 'answered') return { name: node.name, answer };
  const ports = [node.postgresPort ?? region.postgres?.port, region.pgpool?.port];
  const tried = await Promise.all(
    ports
      .filter((port) => port !== undefined)
      .map((port) => connect(io, { host: node.address, port }, CONNECT)),
  );
  return { name: node.name, answer: best([answer, ...tried.map((each) => each.answer)]) };
}

const vipAnswer = ({ ping: { answer }, connections }: Vip): Answer =>
  best([answer, ...connections.map((each) => each.answer)]);

/** Says once that there is no ICMP here; everything else goes on by TCP. */
function privilege({ vip, trusted }: View): readonly Note[] {
  const want = [vip.ping.answer, ...trusted.map(({ answer }) => answer)].find(isWantOfPrivilege);
  const reason = 'this machine may not ping; TCP decides what answers';
  return want === undefined ? [] : [skip('icmp', want.code, reason)];
}

const anythingAnswers = ({ vip, nodes, trusted }: View): boolean =>
  [vipAnswer(vip), ...[...nodes, ...trusted].map(({ answer }) => answer)].includes('answered');

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
    ...vipNotes(view.vip),
    ...view.nodes.flatMap((node) =>
      namedNotes(node, (up) => observe(nodeReachable, up, { node: node.name })),
    ),
  ];
}

const UNDECIDED =
  'nothing answers, and no trusted server can be asked whether the monitor itself is cut off';

function vipNotes(vip: Vip): readonly Note[] {
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
    ...(vip.ping.report === undefined ? [] : echoNotes(vip.ping.report)),
    ...vip.connections.flatMap(connectionNotes),
  ];
}

function echoNotes({ sent, received, roundTrips, method }: PingReport): readonly Note[] {
  const by = method === 'ping' ? ' (by ping(8))' : '';
  if (received === 0) return [evidence('vip', `answers none of ${sent} echo requests${by}`)];
  const mean = roundTrips.reduce((sum, each) => sum + each, 0) / roundTrips.length;
  const legible = Number((mean * 1000).toPrecision(2));
  return [
    observe(lossRatio, 1 - received / sent, {}),
    observe(roundTrip, Math.min(...roundTrips), { stat: 'min' }),
    observe(roundTrip, mean, { stat: 'mean' }),
    observe(roundTrip, Math.max(...roundTrips), { stat: 'max' }),
    evidence('vip', `answers ${received} of ${sent} echo requests${by}, in ${legible} ms each`),
  ];
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
  ];
}
