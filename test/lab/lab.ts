import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { build, waitHealthy } from './build.ts';
import { injected, loadFaults, note, type Done } from './faults.ts';
import { exists, look, type Status } from './health.ts';
import { exclusively } from './lock.ts';
import { deleteNetwork, inside, owner } from './net.ts';
import { installPackages, tidyPackages } from './packages.ts';
import { writeMonitorConfig } from './monitor-config.ts';
import { NODES, paths, type Host } from './plan.ts';
import { whyNot } from './preflight.ts';
import { killEverything } from './processes.ts';
import { freshenSlaves } from './repair.ts';
import { tryRun } from './shell.ts';

/*
 * The lab, for programs: the test-suite, `npm start`, and main.ts. Everything that changes something
 * holds the lab's lock meanwhile, so two of them follow each other.
 */

export { exists, paths, whyNot };
export type { Done, Host, Status };

/** The machine cannot run the lab, or another lab is in the way: nothing was changed. */
export class CannotRun extends Error {
  override readonly name = 'CannotRun';
}

export type Say = (line: string) => void;

const HEAL_LIMIT = 90_000;
const MARK = '.maasha-lab';

/** What `up` is at: an installation is not to be torn, and what was built is to be taken down. */
export type Phase = 'waiting' | 'installing' | 'building';

/** Brings the lab up, or finds it up and healthy. @throws CannotRun when this machine cannot. */
export async function up(
  say: Say = silent,
  enter: (phase: Phase) => void = silent,
): Promise<Status> {
  return exclusively('up', say, async () => {
    const reason = await whyNot();
    if (reason !== undefined) throw new CannotRun(reason);
    await refuseForeign();
    if (exists()) {
      const status = await look();
      if (status.healthy) {
        say('already up, and healthy');
        return status;
      }
      say(`removing what is there: ${status.missing.slice(0, 3).join('; ')}`);
    }
    enter('installing');
    await remove();
    await installPackages(say);
    enter('building');
    await mark();
    return build(say).catch((error: unknown) => {
      const logs = `logs are in ${paths.root}/*/*/log, and \`down\` removes what there is`;
      throw new Error(`${error instanceof Error ? error.message : String(error)} (${logs})`);
    });
  });
}

/** Refuses to touch what another lab, or somebody who is no lab, has made. */
async function refuseForeign(): Promise<void> {
  const reason = foreignDirectory();
  if (reason !== undefined) throw new CannotRun(reason);
  const other = await owner();
  if (other !== undefined && other !== paths.root && existsSync(join(other, MARK))) {
    throw new CannotRun(`another lab runs from ${other}: set MAASHA_LAB_DIR=${other}`);
  }
}

/** The lab deletes its directory: it must be one that it made. */
function foreignDirectory(): string | undefined {
  const ours = !existsSync(paths.root) || existsSync(join(paths.root, MARK));
  if (ours || readdirSync(paths.root).length === 0) return undefined;
  return `${paths.root} has files in it that are not a lab's: set MAASHA_LAB_DIR to another one`;
}

/** Removes everything: processes, namespaces, files. Does nothing when there is nothing. */
export async function down(say: Say = silent): Promise<void> {
  await exclusively('down', say, async () => {
    await refuseForeign();
    await remove();
  });
}

async function remove(): Promise<void> {
  tidyPackages();
  await killEverything();
  await deleteNetwork();
  // Something that a killed run had started may still be writing there.
  rmSync(paths.root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

/** What the lab is like now; undefined when there is none. */
export const status = async (): Promise<Status | undefined> =>
  exists() ? await look() : undefined;

/** The names of all faults, what each does, and whether it is injected. */
export async function listFaults(): Promise<{ name: string; about: string; injected: boolean }[]> {
  const now = injected();
  const all = [...(await loadFaults())];
  return all.map(([name, { about }]) => ({ name, about, injected: now.has(name) }));
}

/** Breaks one thing. @throws RangeError for a name that is no fault's. */
export async function inject(name: string, say: Say = silent): Promise<Done> {
  const fault = (await loadFaults()).get(name) ?? unknown(name);
  return exclusively(`fault ${name}`, say, async () => {
    if (!exists()) throw new Error('the lab is not up');
    if (injected().has(name)) throw new Error(`${name} is already injected: heal it first`);
    const done = await fault.inject();
    note(name, done);
    say(done.did);
    return done;
  });
}

/** Heals one fault, or `all`, and waits until the lab is healthy if no other fault is left. */
export async function heal(name: string, say: Say = silent): Promise<Status | undefined> {
  const faults = await loadFaults();
  if (name !== 'all' && !faults.has(name)) unknown(name);
  return exclusively(`heal ${name}`, say, async () => {
    if (!exists()) throw new Error('the lab is not up');
    const chosen = [...injected()].reverse().filter(([one]) => name === 'all' || one === name);
    if (chosen.length === 0)
      say(name === 'all' ? 'no fault is injected' : `${name} is not injected`);
    for (const [one, done] of chosen) {
      say(`healing ${one}, which ${done.did}`);
      await (faults.get(one) ?? unknown(one)).heal(done);
      note(one, undefined);
    }
    const left = [...injected().keys()];
    if (left.length > 0) {
      say(`still injected: ${left.join(', ')}`);
      return undefined;
    }
    if (chosen.length > 0) await freshenSlaves();
    const status = await waitHealthy(HEAL_LIMIT, say);
    // The last step of every failover: what is declared follows what is.
    writeMonitorConfig(NODES.find((node) => status.postgres[node].role === 'primary'));
    return status;
  });
}

function unknown(name: string): never {
  throw new RangeError(`there is no fault ${name}`);
}

/** Runs a command on a host of the lab, with this process's input and output; gives its exit code. */
export function execIn(host: Host, argv: readonly string[]): Promise<number> {
  const [file = '', ...args] = inside(host, argv);
  return new Promise((resolve, reject) => {
    const env = { ...process.env, MAASHA_CONFIG: paths.config };
    const child = spawn(file, args, { stdio: 'inherit', env });
    // The terminal sends Ctrl-C to the command as well: its exit code is the answer.
    const ignore = () => undefined;
    process.on('SIGINT', ignore);
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      process.off('SIGINT', ignore);
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}

/** Makes the lab's directory, and marks it as one that `down` may delete. */
async function mark(): Promise<void> {
  mkdirSync(paths.root, { recursive: true, mode: 0o755 });
  const reach = await tryRun(['test', '-x', paths.root], { user: 'postgres' });
  if (reach.code !== 0) {
    rmSync(paths.root, { recursive: true });
    throw new CannotRun(`the user postgres may not enter ${paths.root}: set MAASHA_LAB_DIR`);
  }
  writeFileSync(join(paths.root, MARK), '');
}

function silent(): void {
  // Nobody listens.
}
