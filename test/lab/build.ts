import { chmodSync, copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeDns, writeUpstream } from './dns.ts';
import { look, type Status } from './health.ts';
import { writeCluster, writeRegion } from './maas.ts';
import { writeMonitorConfig } from './monitor-config.ts';
import { createNetwork, holdsVip } from './net.ts';
import { attach, writePgpool } from './pgpool.ts';
import { CLUSTERS, NODES, PASSWORD, paths, PREFIX, RPC_SECRET } from './plan.ts';
import { createPrimary, rebuildStandby, writePostgres } from './postgres.ts';
import { source, start } from './processes.ts';
import { serviceDaemons, SERVICES } from './services.ts';
import { run, sleep, until } from './shell.ts';

type Say = (line: string) => void;

const HEALTHY_LIMIT = 60_000;

/** Makes everything from nothing and waits until it is healthy. */
export async function build(say: Say): Promise<Status> {
  say('network');
  await Promise.all([createNetwork(), writeFiles()]);
  await Promise.all(SERVICES.map(async (service) => service.networked?.()));
  say('PostgreSQL on rc1; region, clusters and maas-dns meanwhile');
  await Promise.all([createPrimary('rc1'), startRest()]);
  say('pgpool on rc1, then the standby and pgpool on rc2');
  // The older one leads, and pgpool counts its age in whole seconds.
  await start('rc1', 'pgpool');
  await Promise.all([rebuildStandby('rc2'), sleep(1_100)]);
  await start('rc2', 'pgpool');
  say('waiting for the virtual address');
  await waitForVip();
  // On a slow machine pgpool may have looked for the standby before it was there.
  await attach('rc2');
  // Only now: a slave that finds no master at its start remembers it as unreachable for minutes.
  await Promise.all([
    ...NODES.map((node) => start(node, 'slave-dns')),
    ...serviceDaemons('late').map(({ host, name }) => start(host, name)),
  ]);
  say('waiting until all is healthy');
  return waitHealthy(HEALTHY_LIMIT, say);
}

async function writeFiles(): Promise<void> {
  mkdirSync(paths.shared, { recursive: true });
  copyFileSync((await run(['sh', '-c', 'command -v named'])).trim(), join(paths.shared, 'named'));
  copyFileSync(source('daemon.sh'), join(paths.shared, 'daemon.sh'));
  writeFileSync(join(paths.shared, 'prefix'), PREFIX);
  for (const name of readdirSync(source('hooks'))) {
    copyFileSync(join(source('hooks'), name), join(paths.shared, name));
    chmodSync(join(paths.shared, name), 0o755);
  }
  chmodSync(join(paths.shared, 'daemon.sh'), 0o755);
  writeSecret('rpc-secret', RPC_SECRET);
  writeSecret('pgpass', `*:*:*:postgres:${PASSWORD.postgres}`);
  writeSecret('pcppass', `*:*:root:${PASSWORD.pcp}`);
  for (const node of NODES) {
    await writePostgres(node);
    writePgpool(node);
    writeRegion(node);
    writeDns(node);
  }
  CLUSTERS.forEach(writeCluster);
  for (const service of SERVICES) await service.write();
  const restarts = ['region', 'maas-dns', ...SERVICES.flatMap((service) => service.restarts ?? [])];
  writeFileSync(join(paths.shared, 'restarts'), `${restarts.join('\n')}\n`);
  writeUpstream();
  writeMonitorConfig();
}

const writeSecret = (name: string, value: string) => {
  writeFileSync(join(paths.shared, name), `${value}\n`, { mode: 0o600 });
};

async function startRest(): Promise<void> {
  await Promise.all([
    start('gw', 'upstream-dns'),
    ...NODES.flatMap((node) => [start(node, 'region'), start(node, 'maas-dns')]),
    ...CLUSTERS.map((cluster) => start(cluster, 'cluster')),
    ...serviceDaemons('early').map(({ host, name }) => start(host, name)),
  ]);
}

async function waitForVip(): Promise<void> {
  const held = await until(60_000, async () => {
    const holds = await Promise.all(NODES.map(holdsVip));
    return holds.includes(true) ? true : undefined;
  });
  if (held === undefined) throw new Error('no pgpool brought the virtual address up');
}

/** Waits until the lab is healthy. @throws Error that says what is still missing after `limit`. */
export async function waitHealthy(limit: number, say: Say): Promise<Status> {
  let said = '';
  const healthy = await until(
    limit,
    async () => {
      const now = await look();
      if (now.healthy) return now;
      const missing = now.missing.join('; ');
      if (missing !== said) say(`waiting: ${missing}`);
      said = missing;
      return undefined;
    },
    250,
  );
  if (healthy !== undefined) return healthy;
  throw new Error(`not healthy after ${limit / 1000} s: ${said}`);
}
