import { describe, expect, it } from 'vitest';
import check from '../../checks/cluster-controllers.ts';
import { Secret } from '../../src/core/secret.ts';
import { seconds } from '../../src/core/time.ts';
import { ampPort } from '../../src/io/amp.ts';
import { httpPort } from '../../src/io/http.ts';
import {
  eventLoopServer,
  rpcInfoServer,
  type SimEventLoop,
  type SimRpcInfo,
} from '../sim/region-server.ts';
import { fakePorts } from '../support/ports.ts';
import { region } from '../support/region.ts';
import { runCheck, type Ran } from '../support/run-check.ts';
import { inRun } from '../support/run-scope.ts';

const SECRET = '00112233445566778899aabbccddeeff';

describe('cluster-controllers against a region on loopback', () => {
  const look = async (
    change: (loop: SimEventLoop, info: SimRpcInfo) => void = () => {},
  ): Promise<{ ran: Ran; heard: readonly string[] }> => {
    const loop: SimEventLoop = { generation: 1, secret: SECRET, mode: 'well', heard: [] };
    const info: SimRpcInfo = { status: 200, eventloops: {} };
    const amp = await eventLoopServer(loop).start({ host: '127.0.78.1', port: 0 });
    const web = await rpcInfoServer(info).start({ host: '127.0.78.9', port: 0 });
    info.eventloops = { 'rc1:pid=7': [['127.0.78.1', amp.port]] };
    change(loop, info);
    try {
      const where = region({
        vip: '127.0.78.9',
        maasUrl: `http://127.0.78.9:${web.port}/MAAS`,
        nodes: [{ name: 'rc1', address: '127.0.78.1' }],
        rpc: { secret: new Secret(SECRET), interval: seconds(60) },
        clusters: [],
      });
      const ran = await inRun((scope) =>
        runCheck(check, where, fakePorts({ http: httpPort(scope), amp: ampPort(scope) })),
      );
      return { ran, heard: loop.heard };
    } finally {
      await Promise.all([amp.close(), web.close()]);
    }
  };

  it('finds it healthy, and asks nothing but Authenticate', async () => {
    const { ran, heard } = await look();
    expect(ran.alerts).toEqual([]);
    expect(ran.values).toMatchObject({
      'maasha_region_rpc_http_success{}': 1,
      'maasha_region_rpc_handshake_success{node="rc1"}': 1,
      'maasha_region_rpc_secret_valid{node="rc1"}': 1,
    });
    expect(heard).toEqual(['?Authenticate']);
  });

  it.each([
    [
      'a wrong secret',
      (loop: SimEventLoop) => (loop.secret = 'ff'.repeat(16)),
      'MaasHaRegionRpcSecretWrong rc1',
    ],
    [
      'a loop that hangs',
      (loop: SimEventLoop) => (loop.mode = 'frozen'),
      'MaasHaRegionRpcLoopSilent rc1',
    ],
    [
      'a loop that is stopping',
      (loop: SimEventLoop) => (loop.mode = 'stopping'),
      'MaasHaRegionRpcLoopSilent rc1',
    ],
    [
      'a database that is gone',
      (_: SimEventLoop, info: SimRpcInfo) => (info.status = 500),
      ['MaasHaRegionRpcDown', 'MaasHaRegionDatabaseGone'],
    ],
    [
      'a region that hangs',
      (_: SimEventLoop, info: SimRpcInfo) => (info.frozen = true),
      'MaasHaRegionRpcDown',
    ],
    [
      'a region without loops',
      (_: SimEventLoop, info: SimRpcInfo) => (info.eventloops = {}),
      'MaasHaRegionRpcNoEventLoops',
    ],
  ])('sees %s', async (_, change, alert) => {
    const { ran } = await look(change);
    expect(ran.alerts).toEqual([alert].flat());
  });
});
