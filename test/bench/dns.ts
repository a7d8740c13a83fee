/**
 * The serials of 200 zones on three servers through the shared sockets: `node --import tsx
 * test/bench/dns.ts [port…]` asks servers of this process, or those on the given ports of 127.0.0.1.
 */
import { performance } from 'node:perf_hooks';
import check from '../../checks/dns-serial.ts';
import { seconds } from '../../src/core/time.ts';
import { systemClock } from '../../src/io/clock.ts';
import { DnsSockets } from '../../src/io/dns.ts';
import { SimDnsServer } from '../sim/dns-server.ts';
import { fakePorts } from '../support/ports.ts';
import { region } from '../support/region.ts';
import { runCheck } from '../support/run-check.ts';
import { inRun } from '../support/run-scope.ts';

const ROUNDS = 20;
const zones = Array.from({ length: 200 }, (_, each) => `z${each + 1}.maas`);
const host = '127.0.0.1';

const started: SimDnsServer[] = [];
const endpoints = process.argv.slice(2).map((port) => ({ host, port: Number(port) }));
while (endpoints.length < 3) {
  const server = await SimDnsServer.start({ host, port: 0 });
  for (const zone of zones) server.zones.set(zone, { serial: 102 });
  started.push(server);
  endpoints.push(server.endpoint);
}

async function measured(name: string, round: () => Promise<unknown>): Promise<void> {
  const times: { wall: number; cpu: number }[] = [];
  for (let turn = 0; turn < ROUNDS; turn += 1) {
    const cpu = process.cpuUsage();
    const start = performance.now();
    await round();
    const { user, system } = process.cpuUsage(cpu);
    times.push({ wall: performance.now() - start, cpu: (user + system) / 1000 });
  }
  const median = (of: 'wall' | 'cpu'): string =>
    (times.map((each) => each[of]).sort((a, b) => a - b)[ROUNDS / 2] ?? 0).toFixed(1);
  const first = times[0];
  process.stdout.write(
    `${name}: first ${first?.wall.toFixed(1) ?? ''} ms wall, ${first?.cpu.toFixed(1) ?? ''} ms CPU; ` +
      `median of ${ROUNDS} ${median('wall')} ms wall, ${median('cpu')} ms CPU\n`,
  );
}

const sockets = new DnsSockets();
await measured('600 SOA queries', () =>
  inRun((scope) => {
    const dns = sockets.port(scope);
    const limit = { timeout: seconds(2) };
    return Promise.all(
      endpoints.flatMap((to) => zones.map((name) => dns.query(to, { name, type: 'SOA' }, limit))),
    );
  }),
);
await measured('the check dns-serial, whole', () =>
  inRun(async (scope) => {
    const port = sockets.port(scope);
    // The check has one port for all slaves: each goes to its own server here.
    const dns: typeof port = {
      ...port,
      query: (to, ...rest) => port.query(endpoints[Number(to.host.at(-1))] ?? to, ...rest),
    };
    const nodes = [1, 2].map((each) => ({ name: `rc${each}`, address: `127.0.0.${each}` }));
    const target = region({ vip: '127.0.0.0', nodes, dns: { masterPort: 1, slavePort: 1, zones } });
    const ran = await runCheck(check, target, fakePorts({ dns }), { clock: systemClock });
    if (ran.gaps.length > 0) throw new Error(`lost answers: ${String(ran.gaps[0]?.failure)}`);
  }),
);
sockets.close();
for (const server of started) await server.close();
