import { spawnSync } from 'node:child_process';
import { ADDRESS, GATEWAYS, HOSTS, VIP, type Host } from './plan.ts';
import { detect } from './detect.ts';
import { killOneVerb } from './kill-one.ts';
import * as lab from './lab.ts';
import { simulationRunning } from '../sim/control.ts';
import { messages } from './messages.ts';
import { queries } from './queries.ts';
import { onSimulation } from './on-simulation.ts';
import { describe } from './report.ts';

const HELP = `The built-in lab: a MAAS region in HA from real components, in network namespaces.

  npm run lab -- COMMAND

  up [--quiet]          bring it up (installs Debian packages that are missing)
  down                  remove it: processes, namespaces, files
  status [--json]       what is up, who holds what, what is missing
  list [--json]         the faults
  fault NAME            break one thing
  heal NAME | all       repair it, and wait until the lab is healthy
  exec [HOST] -- CMD…   run a command on a host (${HOSTS.join(', ')}; default mon)
  config                path of the monitor's configuration for this lab
  detect [FAULT…] [--out FILE]
                        how long the running service takes to see each fault (2 min each)
  messages [FAULT…] [--quiet MINUTES] [--keep FOLDER]
                        what the monitor tells people of each fault, as a table (6 min each), and
                        that it tells nothing while all is well (10 min; 0: not tried)
  queries [FAULT…] [--keep FOLDER] [--json]
                        every query of every dashboard, executed by a real Prometheus while all is
                        well and in faults, as a table (4 min each)
  kill-one [WHO…] [--fault NAME] [--generated] [--keep FOLDER] [--json]
                        whether a page arrives once when a monitor, a Prometheus or an Alertmanager
                        is killed during a fault (5 min each)

While a simulation runs (npm start where no lab can be), status, list, fault and heal reach that.
State is kept in ${lab.paths.root} (MAASHA_LAB_DIR). Needs root, on Debian 12.
Exit codes: 0 done, 1 failed or not healthy, 2 wrong usage, 3 this machine cannot run it.
`;

class Usage extends Error {}

const started = Date.now();

const say = (line: string): void => {
  const elapsed = ((Date.now() - started) / 1000).toFixed(1).padStart(6);
  process.stderr.write(`${elapsed} s  ${line}\n`);
};

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const COMMANDS: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  up,
  down,
  status,
  list,
  fault: async (args) => {
    await lab.inject(one(args, 'the name of a fault'), say);
    return 0;
  },
  heal: async (args) => {
    const healed = await lab.heal(one(args, 'the name of a fault, or all'), say);
    if (healed !== undefined) say('healthy');
    return 0;
  },
  exec,
  detect: (args) => detect(args, say, print),
  messages: (args) => messages(args, say, print),
  queries: (args) => queries(args, say, print),
  'kill-one': (args) => killOneVerb(args, say, print),
  config: async () => {
    print(lab.paths.config);
    return 0;
  },
};

async function up(args: readonly string[]): Promise<number> {
  const quiet = flag(args, '--quiet');
  const enter = onInterrupt();
  await lab.up(quiet ? undefined : say, enter);
  if (quiet) return 0;
  say('the lab is up and healthy');
  const hosts = HOSTS.map((host) => `${host} ${ADDRESS[host]}`).join('  ');
  print(`VIP ${VIP}  ${hosts}  gateway also ${GATEWAYS[1]}`);
  print(`monitor's configuration: ${lab.paths.config}`);
  print('next: npm run lab -- status | list | exec -- npx maasha check | down');
  return 0;
}

/** Ends `up` on a signal in the way that fits what it is at; returns whom to tell what it is at. */
function onInterrupt(): (phase: lab.Phase) => void {
  let phase: lab.Phase = 'waiting';
  let wanted = false;
  const end = () => {
    wanted = true;
    if (phase === 'installing') say('interrupted: ending when the installation has ended');
    if (phase === 'building') tearDown();
    if (phase !== 'installing') process.exit(130);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, end);
  return (now) => {
    phase = now;
    if (wanted) end();
  };
}

/** In a process of its own, and waited for: this one is in the middle of `up`, and must not go on. */
function tearDown(): void {
  say('interrupted: removing what was made');
  const argv = [...process.execArgv, import.meta.filename, 'down'];
  const env = { ...process.env, MAASHA_LAB_LOCK: 'held' };
  spawnSync(process.execPath, argv, { stdio: 'inherit', env });
}

async function down(args: readonly string[]): Promise<number> {
  flag(args);
  await lab.down(say);
  say('the lab is down');
  return 0;
}

async function status(args: readonly string[]): Promise<number> {
  const json = flag(args, '--json');
  const now = await lab.status();
  if (json)
    print(JSON.stringify(now ?? { healthy: false, missing: ['the lab is not up'] }, null, 2));
  else print(now === undefined ? 'the lab is not up' : describe(now));
  return now?.healthy === true ? 0 : 1;
}

async function list(args: readonly string[]): Promise<number> {
  const json = flag(args, '--json');
  const faults = await lab.listFaults();
  if (json) print(JSON.stringify(faults, null, 2));
  else for (const { name, about, injected } of faults) print(faultLine(name, about, injected));
  return 0;
}

const faultLine = (name: string, about: string, injected: boolean) =>
  `${injected ? '*' : ' '} ${name.padEnd(22)}${about}`;

async function exec(args: readonly string[]): Promise<number> {
  const dashes = args.indexOf('--');
  const [name = 'mon', ...surplus] = args.slice(0, Math.max(dashes, 0));
  const argv = args.slice(dashes + 1);
  const host = HOSTS.find((known): known is Host => known === name);
  if (dashes < 0 || argv.length === 0 || surplus.length > 0) {
    throw new Usage('exec [HOST] -- CMD…');
  }
  if (host === undefined) throw new Usage(`no host ${name}; there are ${HOSTS.join(', ')}`);
  if (!lab.exists()) throw new Error('the lab is not up');
  return lab.execIn(host, argv);
}

/** The one word that a command takes. */
function one(args: readonly string[], what: string): string {
  const [word, ...surplus] = args;
  if (word === undefined || surplus.length > 0) throw new Usage(`expected ${what}`);
  return word;
}

/** Whether `name` was given; nothing else may be. */
function flag(args: readonly string[], name?: string): boolean {
  const stray = args.find((arg) => arg !== name);
  if (stray !== undefined) throw new Usage(`unknown argument ${stray}`);
  return name !== undefined && args.includes(name);
}

async function main([name = '--help', ...args]: readonly string[]): Promise<number> {
  if (['--help', '-h', 'help'].includes(name) || args[0] === '--help') {
    print(HELP);
    return 0;
  }
  const command = (await simulatedCommand(name)) ?? realCommand(name);
  return command(args);
}

/** The command as a running simulation understands it; undefined when there is none, or a lab is up. */
async function simulatedCommand(name: string): Promise<(typeof COMMANDS)[string] | undefined> {
  const command = onSimulation(name);
  if (command === undefined || lab.exists()) return undefined;
  const simulation = await simulationRunning();
  return simulation && (([argument = '']) => command(simulation, argument, print));
}

function realCommand(name: string): (typeof COMMANDS)[string] {
  const command = COMMANDS[name];
  if (command === undefined) throw new Usage(`unknown command ${name}; --help lists them`);
  if (process.getuid?.() !== 0 && !['config', 'list'].includes(name)) {
    throw new lab.CannotRun('the lab needs root: it makes and enters network namespaces');
  }
  return command;
}

async function explain(error: unknown): Promise<number> {
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof RangeError) {
    const names = (await lab.listFaults()).map((fault) => fault.name);
    process.stderr.write(`lab: ${text}; there are ${names.join(', ')}\n`);
    return 2;
  }
  process.stderr.write(`lab: ${text}\n`);
  if (error instanceof Usage) return 2;
  return error instanceof lab.CannotRun ? 3 : 1;
}

process.exitCode = await main(process.argv.slice(2)).catch(explain);
