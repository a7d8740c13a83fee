import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { SERVICES } from './services.ts';
import { run, tryRun } from './shell.ts';

/*
 * Debian's packages. A package starts its daemon when it is installed and PostgreSQL's makes a cluster;
 * both are refused for the time of the installation, and the refusal is taken away again.
 */

const PACKAGES: readonly string[] = [
  'postgresql-15',
  'pgpool2',
  'bind9',
  'bind9-dnsutils',
  'python3-twisted',
  'python3-psycopg2',
  'iproute2',
  'iputils-arping',
  'iputils-ping',
  'curl',
  'prometheus',
  'prometheus-alertmanager',
  ...SERVICES.flatMap(({ packages = [] }) => packages),
];

const POLICY = '/usr/sbin/policy-rc.d';
const SAVED_POLICY = `${POLICY}.before-maasha-lab`;
const NO_CLUSTER = '/etc/postgresql-common/createcluster.d/maasha-lab.conf';
const OURS = 'maasha-lab: no daemon starts while its packages are being installed';
const APT_LIMIT = 600_000;

/** Installs what is missing; starts no daemon and makes no cluster of the distribution's. */
export async function installPackages(say: (line: string) => void): Promise<void> {
  tidyPackages();
  const missing = await missingPackages();
  if (missing.length === 0) return;
  say(`installing ${missing.join(' ')}`);
  await refuseStarts();
  try {
    await refuseCluster();
    await aptInstall(missing);
  } finally {
    tidyPackages();
  }
}

/** Takes back what an installation, perhaps a killed one, put in place for its time. */
export function tidyPackages(): void {
  rmSync(NO_CLUSTER, { force: true });
  if (existsSync(SAVED_POLICY)) renameSync(SAVED_POLICY, POLICY);
  else if (existsSync(POLICY) && readFileSync(POLICY, 'utf8').includes(OURS)) rmSync(POLICY);
}

/** Packages that the lab needs and that are not installed. */
export async function missingPackages(): Promise<string[]> {
  const ran = await tryRun([
    'dpkg-query',
    '-W',
    '-f=${Package} ${db:Status-Status}\n',
    ...PACKAGES,
  ]);
  const lines = ran.stdout.split('\n');
  return PACKAGES.filter((name) => !lines.includes(`${name} installed`));
}

async function aptInstall(names: readonly string[]): Promise<void> {
  const options = { env: { DEBIAN_FRONTEND: 'noninteractive' }, timeout: APT_LIMIT };
  // In a session of its own: Ctrl-C would leave half-configured packages on somebody's machine.
  const apt = ['setsid', '--wait', 'apt-get', '-qq', '-o', 'DPkg::Lock::Timeout=120'];
  const install = [...apt, '-y', '--no-install-recommends', 'install', ...names];
  const first = await tryRun(install, options);
  if (first.code === 0) return;
  // Most often the lists are absent or name versions that the mirror no longer has.
  await run([...apt, 'update'], options);
  await run(install, options);
}

async function refuseStarts(): Promise<void> {
  const asked = await tryRun([POLICY, 'bind9', 'start']);
  if (asked.code === 101) return;
  if (existsSync(POLICY)) renameSync(POLICY, SAVED_POLICY);
  writeFileSync(POLICY, `#!/bin/sh\n# ${OURS}\nexit 101\n`, { mode: 0o755 });
}

async function refuseCluster(): Promise<void> {
  const ran = await tryRun(['dpkg-query', '-W', '-f=${db:Status-Status}', 'postgresql-common']);
  if (ran.stdout === 'installed') return;
  mkdirSync(dirname(NO_CLUSTER), { recursive: true });
  writeFileSync(NO_CLUSTER, 'create_main_cluster = false\n');
}
