import * as loops from '../src/analysis/clusters/event-loops.ts';
import { shakeHands } from '../src/analysis/clusters/handshake.ts';
import { notesOnClusters, notesOnLoops } from '../src/analysis/clusters/notes.ts';
import * as metrics from '../src/analysis/clusters/rules.ts';
import { best, connect, ping, type Answer } from '../src/analysis/reach/answer.ts';
import { askRegion, type AdvertisedLoop, type RpcInfo } from '../src/analysis/region/rpc-info.ts';
import {
  defineCheck,
  evidence,
  gap,
  remember,
  type CheckContext,
  type Note,
} from '../src/core/check.ts';
import { CheckFailure } from '../src/core/failure.ts';
import { observe, observeState } from '../src/core/metric.ts';
import type { Cluster, Region } from '../src/core/region.ts';
import { seconds } from '../src/core/time.ts';

export default defineCheck({
  name: 'cluster-controllers',
  about:
    'Shows whether cluster controllers can find and use the region: what /MAAS/rpc/ advertises (not who is connected), whether each event loop answers, and whether the clusters are there.',
  every: '15s',
  timeout: seconds(10),
  metrics: [
    metrics.httpSuccess,
    metrics.httpTime,
    metrics.urlState,
    metrics.database,
    metrics.loopsKnown,
    metrics.eventLoops,
    metrics.nodeLoops,
    metrics.handshake,
    metrics.handshakeTime,
    metrics.loopStale,
    metrics.secretValid,
    metrics.reachable,
    metrics.reachableCount,
  ],
  rules: metrics.rules,
  async run(region, given) {
    const context = { ...given, memory: loops.parseHandshakes(given.memory) };
    const [rpc, clusters] = await Promise.all([
      lookAtRpc(region, context),
      Promise.all(region.clusters.map((cluster) => lookForCluster(cluster, context))),
    ]);
    return [...rpc, ...notesOnClusters(region.clusters, clusters)];
  },
});

type Context = CheckContext<loops.Handshakes>;

const HTTP = { timeout: seconds(3) };

async function lookAtRpc(region: Region, context: Context): Promise<readonly Note[]> {
  const { info } = await askRegion(context.io, region, HTTP);
  const found = info instanceof CheckFailure ? undefined : info.loops;
  const notes = info instanceof CheckFailure ? [gap('rpc', info)] : notesOnAnswer(info);
  if (found === undefined || found === 'unknown')
    // While nothing is advertised, what was learnt stays: a loop must not be greeted more often for it.
    return [...notes, ...(context.memory === undefined ? [] : [remember(context.memory)])];
  return [...notes, ...(await lookAtLoops(region, context, found))];
}

/** What the answer of `/MAAS/rpc/` says by itself, the loops in it apart. */
function notesOnAnswer({ state, says, took, loops: found }: RpcInfo): readonly Note[] {
  const isActive = state === 'active';
  return [
    ...(took === undefined ? [] : [observe(metrics.httpTime, took, {})]),
    observe(metrics.httpSuccess, isActive, {}),
    ...observeState(metrics.urlState, state, {}),
    ...(isActive || state === 'no_database' ? [observe(metrics.database, isActive, {})] : []),
    ...(found === 'unknown'
      ? [observe(metrics.loopsKnown, 0, {}), gap('rpc', NOT_KNOWN_YET)]
      : [evidence('rpc', isActive ? `${says} (it does not say who is connected)` : says)]),
    ...(found === undefined || found === 'unknown' ? [] : [observe(metrics.loopsKnown, 1, {})]),
  ];
}

const NOT_KNOWN_YET = new CheckFailure(
  'dependency',
  'the region does not know its event loops yet: its RPC service is starting, or not running',
);

/** Greets every advertised loop that is due, and shows again what is known of the others. */
async function lookAtLoops(
  region: Region,
  context: Context,
  advertised: readonly AdvertisedLoop[],
): Promise<readonly Note[]> {
  const { clock, once } = context;
  const looks = await Promise.all(
    advertised.map(async (loop) => ({ loop, ...(await lookAtLoop(region, context, loop)) })),
  );
  return [
    ...notesOnLoops(region, looks, { steady: clock.steady(), once }),
    remember(
      Object.fromEntries(
        looks.flatMap(({ loop, shaken }) => (shaken === undefined ? [] : [[loop.name, shaken]])),
      ),
    ),
  ];
}

async function lookAtLoop(
  region: Region,
  context: Context,
  loop: AdvertisedLoop,
): Promise<{ readonly shaken?: loops.Shaken }> {
  const endpoint = loops.greetable(region, loop);
  if (endpoint === undefined) return {};
  const { clock, memory } = context;
  const at = clock.now();
  const before = memory?.[loop.name];
  const fresh = loops.stillFresh(region, before, endpoint, at);
  if (fresh !== undefined) return { shaken: fresh };
  const outcome = await shakeHands(context, endpoint, region.rpc.secret);
  const goneSince = loops.goneSince(before, endpoint, outcome, clock.steady());
  return { shaken: { endpoint, at, outcome, ...(goneSince !== undefined && { goneSince }) } };
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
