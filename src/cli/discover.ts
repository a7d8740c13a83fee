import { existsSync, writeFileSync } from 'node:fs';
import { discover as find } from '../analysis/discover/find.ts';
import type { Found, Given } from '../analysis/discover/found.ts';
import { toYaml } from '../analysis/discover/yaml.ts';
import { CheckFailure } from '../core/failure.ts';
import { printable } from '../core/printable.ts';
import { seconds } from '../core/time.ts';
import { systemClock } from '../io/clock.ts';
import { openWorld } from '../io/world.ts';
import { readGiven, readPassword, type DiscoverOptions } from './discover-options.ts';
import { EXIT, UsageError } from './exit.ts';

/** For everything together; each exchange has a limit of its own besides. */
const ENOUGH = seconds(30);

/**
 * `maasha discover`: writes a first configuration from what it finds at the addresses that were given. Exits
 * with 0 when everything was seen, 1 when something was not, 3 when nothing was found to write.
 */
export async function discover(options: DiscoverOptions): Promise<void> {
  const given = readGiven(options);
  const { output, force = false, json = false } = options;
  if (!force) refuseExisting(output);
  const found = await lookOnce(given);
  if (found === undefined) {
    process.exitCode = EXIT.interrupted;
    return;
  }
  refuseNothing(given, found);
  const yaml = toYaml(given, found);
  if (output !== undefined) write(output, yaml, force);
  if (json) process.stdout.write(`${JSON.stringify({ given, found }, null, 2)}\n`);
  else if (output === undefined) process.stdout.write(yaml);
  process.exitCode = isWhole(found) ? EXIT.ok : EXIT.warning;
}

/** @throws UsageError */
function refuseExisting(output: string | undefined): void {
  if (output !== undefined && existsSync(output))
    throw new UsageError(`${output} exists: nothing was written (--force replaces it)`);
}

/** @throws UsageError where what was found makes no configuration. */
function refuseNothing(given: Given, found: Found): void {
  if (isNothing(found)) throw new UsageError(nothing(given), EXIT.unknown);
  if (given.nodes.length === 0) throw new UsageError(nodesWanted(given, found), EXIT.unknown);
}

/** Undefined when the person who typed it has had enough. */
async function lookOnce(given: Given): Promise<Found | undefined> {
  const passwords = {
    pcpPassword: readPassword(given.pcp?.passwordFile),
    postgresPassword: readPassword(given.postgres?.passwordFile),
  };
  const life = new AbortController();
  const end = (failure: CheckFailure) => (): void => {
    life.abort(failure);
  };
  const state = { interrupted: false };
  const interrupt = (): void => {
    state.interrupted = true;
    end(new CheckFailure('cancelled', 'interrupted'))();
  };
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const cancel = systemClock.after(
    ENOUGH,
    end(new CheckFailure('timeout', 'not finished in time')),
  );
  const world = openWorld(systemClock, { keepPostgres: false });
  const { ports, leave } = world.enter(life.signal);
  const say = (line: string): void => {
    if (!state.interrupted) process.stderr.write(`${printable(line, 240)}\n`);
  };
  try {
    const found = await find(given, { io: ports, say, ...passwords });
    return state.interrupted ? undefined : found;
  } finally {
    cancel();
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    leave();
    await world.close();
  }
}

function write(file: string, yaml: string, force: boolean): void {
  try {
    // `wx` refuses a file that somebody has made meanwhile.
    writeFileSync(file, yaml, { flag: force ? 'w' : 'wx', mode: 0o640 });
  } catch (error) {
    throw new UsageError(`${file} cannot be written: ${(error as Error).message}`);
  }
  process.stderr.write(`wrote ${file}; next: maasha validate ${file}\n`);
}

const isIn = (seen: object): boolean => 'is' in seen;

/** Nobody answered anything anywhere. */
const isNothing = (found: Found): boolean =>
  ![
    ...[found.maas, found.pcp, found.database, found.pgpool, found.master, found.marker],
    ...[found.postgresAt, found.slaves, found.proxies].flatMap((all) => Object.values(all)),
  ].some(isIn);

const isWhole = ({ maas, generation, pcp, database, master, zones, clusters }: Found): boolean =>
  [maas, generation, pcp, database, master, zones, clusters].every(isIn);

const nothing = ({ vip, nodes }: Given): string =>
  `nothing answers at ${[vip, ...nodes.map(({ address }) => address)].join(', ')}: neither MAAS nor pgpool, DNS (5353), a proxy or a database. ` +
  'Are the addresses right, and may this machine reach them? Nothing was written.';

function nodesWanted({ vip }: Given, { named }: Found): string {
  const addresses = named.map(({ address }) => printable(address, 64));
  const nodes = (addresses.length === 0 ? ['ADDRESS', 'ADDRESS'] : addresses).map(
    (address, index) => `--node NAME${index + 1}=${address}`,
  );
  return (
    `${vip} answers, but a configuration needs the nodes behind it. ` +
    `${addresses.length === 0 ? 'Nobody named one' : `Named were ${addresses.join(', ')}, which were not asked`}. Again, with names of your own: ` +
    `maasha discover --vip ${vip} ${nodes.join(' ')}`
  );
}
