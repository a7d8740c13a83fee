import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { mustBeFree } from './demo-forward.ts';
import { labStage, LabFailed } from './demo-lab.ts';
import { runUntil } from './demo-monitor.ts';
import { simulationStage } from './demo-simulation.ts';
import type { Stage, Wanted } from './demo-stage.ts';
import * as lab from './lab.ts';

/*
 * `npm start` without a configuration: a highly available region to look at, and the monitor that watches
 * it. Of real components where this machine can run them, else simulated.
 */

const HELP = `npm start [-- OPTIONS]

Without a maasha.yaml it brings up a demonstration region and monitors that: one of real components in
network namespaces (root, on Debian), or a simulation on loopback addresses where those are not to be had.

  --simulate    the simulation in any case
  --port N      where to serve the status page and /metrics on 127.0.0.1 (default 9877)
  --config FILE monitor the region that this file describes instead
`;

const HOST = '127.0.0.1';

class Usage extends Error {}

const say = (line: string): void => {
  process.stdout.write(`maas-ha-monitor: ${line}\n`);
};

function readArguments(): {
  readonly help: boolean;
  readonly simulate: boolean;
  readonly port: number;
} {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      simulate: { type: 'boolean', default: false },
      port: { type: 'string', default: '9877' },
    },
  });
  const port = /^\d{1,5}$/.test(values.port) ? Number(values.port) : 0;
  if (port < 1 || port > 65_535)
    throw new Usage(`--port: found ${values.port}, expected a port from 1 to 65535`);
  return { ...values, port };
}

/** Aborts when somebody wants to stop. Told again, it stays: what is under way is the stopping. */
function untilInterrupted(): AbortSignal {
  const life = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(name, () => {
      say(life.signal.aborted ? 'still stopping …' : 'stopping, and removing what was made …');
      life.abort(new Error(name));
    });
  // The terminal may be gone before we are; that must not end the tidying up.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  return life.signal;
}

async function openStage(simulate: boolean, wanted: Wanted): Promise<Stage> {
  const reason = simulate ? 'as you wish' : await lab.whyNot();
  if (reason === undefined) {
    try {
      return await labStage(wanted);
    } catch (error) {
      if (!(error instanceof LabFailed)) throw error;
      say(`the region of real components could not be brought up: ${error.message}`);
    }
  } else say(`no real components, but a simulation: ${reason}`);
  return simulationStage(wanted);
}

const introduction = (stage: Stage, port: number): string => `
  This is ${stage.title}.

  watched   ${stage.watched}
  page      http://${HOST}:${port}/
  metrics   http://${HOST}:${port}/metrics
  look      ${stage.look}
  alerts    told here when something has been wrong for half a minute or so, and when it is over
            ${stage.alerts}
  break     npm run lab -- fault pg-primary-crash     (npm run lab -- list shows all faults)
  mend      npm run lab -- heal pg-primary-crash
  end       ${stage.end}

`;

async function main(): Promise<number> {
  const { help, simulate, port } = readArguments();
  if (help) {
    process.stdout.write(HELP);
    return 0;
  }
  const signal = untilInterrupted();
  await mustBeFree({ host: HOST, port });
  const program = join(import.meta.dirname, '..', '..', 'dist', 'src', 'cli', 'main.js');
  let stage: Stage;
  try {
    stage = await openStage(simulate, { main: program, host: HOST, port, signal, say });
  } catch (error) {
    if (!signal.aborted) throw error;
    say('stopped; nothing is left behind');
    return 0;
  }
  let ended: string | undefined;
  try {
    process.stdout.write(introduction(stage, port));
    ended = await runUntil(stage, signal);
    if (ended !== undefined)
      say(`the monitor ended by itself (${ended}): removing what was made …`);
  } finally {
    await stage.down();
  }
  say('stopped');
  return ended === undefined ? 0 : 1;
}

process.exitCode = await main().catch((error: unknown) => {
  const text = error instanceof Error ? error.message : String(error);
  process.stderr.write(`maas-ha-monitor: ${text}\n`);
  const usage =
    error instanceof Usage || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS');
  return usage === true ? 2 : 1;
});
