import { z } from 'zod';
import { best, connect, ping, type Answer } from '../src/analysis/reach/answer.ts';
import {
  defineCheck,
  evidence,
  gap,
  remember,
  type CheckContext,
  type Note,
} from '../src/core/check.ts';
import * as metrics from '../src/analysis/clusters/notes.ts';
import * as loops from '../src/analysis/clusters/event-loops.ts';
import type {
  AdvertisedLoop,
  Handshake,
  Handshakes,
} from '../src/analysis/clusters/event-loops.ts';
import { CheckFailure, isSilence, toFailure } from '../src/core/failure.ts';
import { observe } from '../src/core/metric.ts';
import type { Endpoint, HttpReply } from '../src/core/ports/network.ts';
import type { Cluster, Region } from '../src/core/region.ts';
import { between, seconds } from '../src/core/time.ts';
import { verifyDigest } from '../src/protocol/amp.ts';

export default defineCheck({
  name: 'cluster-controllers',
  about:
    'Shows whether cluster controllers can find and use the region: what /MAAS/rpc/ advertises (not who is connected), whether each event loop answers, and whether the clusters are there.',
  every: '15s',
  timeout: seconds(10),
  metrics: [
    metrics.httpSuccess,
    metrics.httpTime,
    metrics.eventLoops,
    metrics.handshake,
    metrics.handshakeTime,
    metrics.secretValid,
    metrics.reachable,
    metrics.reachableCount,
  ],
  rules: [
    {
      name: 'MaasHaRegionRpcDown',
      severity: 'critical',
      metric: metrics.httpSuccess,
      when: { equal: 0 },
      for: seconds(30),
      // It is told through the web server, and the application asks its database through pgpool.
      inhibitedBy: [
        { alert: 'MaasHaVipServiceDown', where: { service: 'http' } },
        { alert: 'MaasHaVipServiceDown', where: { service: 'pgpool' } },
        { alert: 'MaasHaPgpoolBackendHangs' },
        { alert: 'MaasHaPgpoolNoPrimary' },
        { alert: 'MaasHaNoPrimary' },
      ],
      summary: 'The region does not tell its clusters where to connect: they drop out one by one',
    },
    {
      name: 'MaasHaRegionRpcNoEventLoops',
      severity: 'critical',
      metric: metrics.eventLoops,
      when: { equal: 0 },
      for: seconds(60),
      inhibitedBy: [{ alert: 'MaasHaRegionRpcDown' }],
      summary: 'The region advertises no event loop: no cluster can connect until it is restarted',
    },
    {
      name: 'MaasHaRegionRpcLoopSilent',
      severity: 'critical',
      metric: metrics.handshake,
      when: { equal: 0 },
      for: seconds(30),
      inhibitedBy: [
        { alert: 'MaasHaNodeDown', on: { node: 'node' } },
        { alert: 'MaasHaVipUnreachable' },
        { alert: 'MaasHaMonitorIsolated' },
      ],
      summary: 'An event loop that {node} advertises does not answer: clusters lose their commands',
    },
    {
      name: 'MaasHaRegionRpcSecretWrong',
      severity: 'critical',
      metric: metrics.secretValid,
      when: { equal: 0 },
      for: seconds(0),
      summary: 'The region on {node} runs with another secret than configured: clusters refuse it',
    },
    {
      name: 'MaasHaClusterUnreachable',
      severity: 'warning',
      metric: metrics.reachable,
      when: { equal: 0 },
      for: seconds(120),
      inhibitedBy: [{ alert: 'MaasHaAllClustersUnreachable' }, { alert: 'MaasHaMonitorIsolated' }],
      summary:
        'Cluster controller {cluster} is not there: its machines can neither boot nor deploy',
    },
    {
      name: 'MaasHaAllClustersUnreachable',
      severity: 'critical',
      metric: metrics.reachableCount,
      when: { equal: 0 },
      for: seconds(60),
      inhibitedBy: [{ alert: 'MaasHaMonitorIsolated' }],
      summary: 'No cluster controller is there: nothing can boot or deploy anywhere',
    },
  ],
  async run(region, given) {
    const context = { ...given, memory: loops.parseHandshakes(given.memory) };
    const [rpc, clusters] = await Promise.all([
      lookAtRpc(region, context),
      Promise.all(region.clusters.map((cluster) => lookForCluster(cluster, context))),
    ]);
    return [...rpc, ...metrics.notesOnClusters(region.clusters, clusters)];
  },
});

type Context = CheckContext<Handshakes>;

const HTTP = { timeout: seconds(3), maxBytes: 256 * 1024 };

async function lookAtRpc(region: Region, context: Context): Promise<readonly Note[]> {
  const url = `${region.maasUrl.replace(/\/+$/, '')}/rpc/`;
  // While nothing is advertised, what was learnt stays: a loop must not be greeted more often for it.
  const kept = context.memory === undefined ? [] : [remember(context.memory)];
  let reply: HttpReply;
  try {
    reply = await context.io.http.get(url, HTTP);
  } catch (error) {
    const failure = toFailure(error);
    return isSilence(failure)
      ? [observe(metrics.httpSuccess, false, {}), evidence('rpc', failure.message), ...kept]
      : [gap('rpc', failure), ...kept];
  }
  const answer = read(reply);
  const notes = [
    observe(metrics.httpTime, reply.took, {}),
    observe(metrics.httpSuccess, answer.kind !== 'bad', {}),
  ];
  if (answer.kind === 'bad') return [...notes, evidence('rpc', answer.says), ...kept];
  if (answer.kind === 'unknown') return [...notes, gap('rpc', NOT_KNOWN_YET), ...kept];
  return [
    ...notes,
    observe(metrics.eventLoops, answer.loops.length, {}),
    evidence(
      'rpc',
      `/MAAS/rpc/ advertises ${answer.loops.length} event loops (it does not say who is connected)`,
    ),
    ...(await lookAtLoops(region, context, answer.loops)),
  ];
}

const NOT_KNOWN_YET = new CheckFailure(
  'dependency',
  'the region does not know its event loops yet: its RPC service is starting, or not running',
);

const INFO = z.object({
  eventloops: z
    .record(
      z.string().max(300),
      z.array(z.tuple([z.string().max(64), z.int().min(1).max(65_535)])).max(64),
    )
    .refine((found) => Object.keys(found).length <= 64)
    .nullable(),
});

type Answered =
  | { readonly kind: 'bad'; readonly says: string }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'loops'; readonly loops: readonly AdvertisedLoop[] };

/** What a status other than 200 means here (MAAS's webapp.py, and what stands before it). */
const STATUSES: Readonly<Record<number, string>> = {
  404: 'no region application is served there',
  500: 'the region application cannot use its database',
  502: 'the web server is there and the region application is not',
  503: 'the region application is starting, or failed to start',
  504: 'the web server is there and the region application hangs',
};

function read({ status, body }: HttpReply): Answered {
  const about = STATUSES[status] ?? 'expected 200';
  if (status !== 200) return { kind: 'bad', says: `/MAAS/rpc/ answers ${status}: ${about}` };
  const info = INFO.safeParse(parseJson(body));
  if (!info.success)
    return { kind: 'bad', says: '/MAAS/rpc/ answers 200 with something that is not MAAS' };
  const { eventloops } = info.data;
  if (eventloops === null) return { kind: 'unknown' };
  return {
    kind: 'loops',
    loops: Object.entries(eventloops).map(([name, endpoints]) => ({
      name,
      endpoints: endpoints.map(([host, port]) => ({ host, port })),
    })),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Greets every advertised loop that is due, and shows again what is known of the others. */
async function lookAtLoops(
  region: Region,
  context: Context,
  advertised: readonly AdvertisedLoop[],
): Promise<readonly Note[]> {
  const now = context.clock.now();
  const looks = await Promise.all(
    advertised.map(async (loop) => {
      const endpoint = loops.greetable(region, loop);
      if (endpoint === undefined) return { loop };
      const fresh = loops.stillFresh(region, context.memory?.[loop.name], endpoint, now);
      const outcome = fresh?.outcome ?? (await shakeHands(region, context, endpoint));
      return { loop, shaken: fresh ?? { endpoint, at: now, outcome } };
    }),
  );
  return [
    ...metrics.notesOnLoops(region, looks),
    remember(
      Object.fromEntries(
        looks.flatMap(({ loop, shaken }) => (shaken === undefined ? [] : [[loop.name, shaken]])),
      ),
    ),
  ];
}

const GREET = { timeout: seconds(2.5) };
const AUTHENTICATE = { timeout: seconds(1.5) };

/** One handshake: the region's first question, which stays unanswered, and `Authenticate`. */
async function shakeHands(region: Region, context: Context, at: Endpoint): Promise<Handshake> {
  const began = context.clock.steady();
  try {
    const session = await context.io.amp.greet(at, GREET);
    const { asked } = session.greeting;
    const proof = await prove(region, context, session);
    return { kind: 'answered', asked, seconds: between(began, context.clock.steady()), ...proof };
  } catch (error) {
    const { code, message } = toFailure(error);
    // What is no AMP, or closes at once, is no handshake either: clusters fare no better than we.
    if (code === 'protocol' || isSilence(toFailure(error)))
      return { kind: 'failed', says: message };
    return { kind: 'unknown', code, says: message };
  }
}

async function prove(
  region: Region,
  { clock }: Context,
  session: Awaited<ReturnType<Context['io']['amp']['greet']>>,
): Promise<{ readonly secretValid?: boolean; readonly says?: string }> {
  try {
    const message = challenge(clock.now());
    const { salt, digest } = await session.authenticate(message, AUTHENTICATE);
    const { secret } = region.rpc;
    if (secret === undefined) return {};
    return { secretValid: verifyDigest(secret.reveal(), message, salt, digest) };
  } catch (error) {
    const failure = toFailure(error);
    // MAAS 1.5 and 1.6 know no Authenticate and say so: the loop lives.
    if (failure.facts['answered'] === true) return { says: failure.message };
    throw failure;
  }
}

/** Sixteen octets that are new each time; nobody has to be unable to guess them. */
function challenge(now: number): Uint8Array {
  const message = new Uint8Array(16);
  message.set(new TextEncoder().encode('maasha'));
  new DataView(message.buffer).setFloat64(8, now);
  return message;
}

const ECHOES = { timeout: seconds(1), count: 2, interval: seconds(0.2) };
const CONNECT = { timeout: seconds(1.5) };
/** Any port does: a refusal proves as well that somebody is there. */
const ANY_PORT = 80;

async function lookForCluster(cluster: Cluster, { io }: Context): Promise<Answer> {
  const pinged = await ping(io, cluster.address, ECHOES);
  if (pinged.answer === 'answered') return 'answered';
  const connected = await connect(io, { host: cluster.address, port: ANY_PORT }, CONNECT);
  return best([pinged.answer, connected.answer]);
}
