import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoAlerting } from './demo-alerting.ts';
import { forward } from './demo-forward.ts';
import { monitorCommand } from './demo-monitor.ts';
import type { Stage, Wanted } from './demo-stage.ts';
import * as lab from './lab.ts';
import { inside } from './net.ts';
import { ADDRESS, CLUSTERS, NODES, paths, VIP } from './plan.ts';

/** The lab was not brought up; nothing of it is left. */
export class LabFailed extends Error {
  override readonly name = 'LabFailed';
}

/** Milliseconds that a command of the lab has to take back what it has begun. */
const PATIENCE = 30_000;

/** Exit code of the lab's command when this machine cannot run it: nothing was changed then. */
const CANNOT_RUN = 3;
/** Its exit code when it was interrupted, and has taken back what it had begun. */
const INTERRUPTED = 130;

/** Says whose demonstration the lab belongs to: a process id. A killed one's lab is taken over. */
const mark = () => join(paths.root, '.demonstration');

/**
 * Brings the lab of real components up, unless somebody has it up already: then it stays up afterwards.
 *
 * @throws LabFailed with the reason in one line.
 */
export async function labStage({ main, host, port, signal, say }: Wanted): Promise<Stage> {
  const { found, faults } = await look();
  const keep = found && !isAbandoned();
  say(
    found
      ? `using the lab that is up already${faults.length > 0 ? `, with ${faults.join(', ')} injected` : ''}`
      : 'bringing up a region of real components (the first time may take minutes) …',
  );
  if (!found) await bringUp(signal);
  const config = join(paths.root, `demonstration-${process.pid}.yaml`);
  const socket = join(paths.root, `http-${process.pid}.sock`);
  const alerting = await demoAlerting(join(paths.root, `alerts-${process.pid}`));
  const release = async (): Promise<void> => {
    if (!keep) return takeDown();
    for (const file of [config, socket]) rmSync(file, { force: true });
    alerting.remove();
  };
  try {
    if (!keep) writeFileSync(mark(), String(process.pid));
    // JSON is YAML: a path may hold what YAML takes for something else.
    const listen = `listen: ${JSON.stringify({ socket })}\n`;
    const renew = (): void => {
      const watched = readFileSync(paths.config, 'utf8');
      writeFileSync(config, listen + watched + alerting.yaml, { mode: 0o600 });
    };
    renew();
    const forwarder = await forward({ host, port }, socket);
    return {
      title:
        'a DEMONSTRATION region made of real components (PostgreSQL, pgpool2, BIND, Twisted) in network ' +
        'namespaces of this machine',
      watched: `VIP ${VIP}, ${NODES.map((node) => `${node} ${ADDRESS[node]}`).join(', ')}, clusters ${CLUSTERS.join(' and ')}`,
      look: 'npm run lab -- exec -- npx maasha status',
      alerts: `npx maasha alerts --config ${config}`,
      end: keep
        ? 'Ctrl-C ends the monitor; the lab stays as it was found (npm run lab -- down removes it)'
        : 'Ctrl-C ends the monitor and the region, and leaves nothing behind',
      command: inside('mon', monitorCommand(main, config)),
      // Whoever takes the lab down by hand ends the monitor too: it lives in the lab's directory.
      directory: paths.root,
      follows: paths.config,
      renew,
      down: async () => {
        await forwarder.close();
        await release();
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}

/** Whether there is a lab to be used as it is: a well one, or one that somebody is breaking just now. */
async function look(): Promise<{ readonly found: boolean; readonly faults: readonly string[] }> {
  const status = await lab.status();
  const faults = status?.faults ?? [];
  return { found: status?.healthy === true || (faults.length > 0 && !isAbandoned()), faults };
}

/** Whether the demonstration that had brought the lab up is gone without having taken it down. */
function isAbandoned(): boolean {
  if (!existsSync(mark())) return false;
  try {
    process.kill(Number(readFileSync(mark(), 'utf8')), 0);
    return false;
  } catch {
    return true;
  }
}

/** In a process of its own, which knows how to take back in the middle what it has begun. */
async function bringUp(signal: AbortSignal): Promise<void> {
  const { code, lastLine } = await command('up', signal);
  if (code !== 0 && code !== CANNOT_RUN && code !== INTERRUPTED) await takeDown();
  // It may have been done in the very moment of the interruption.
  else if (code === 0 && signal.aborted) await takeDown();
  signal.throwIfAborted();
  if (code === 0) return;
  throw new LabFailed(lastLine.replace(/^lab: /, '') || `exit code ${code}`);
}

async function takeDown(): Promise<void> {
  const { code, lastLine } = await command('down');
  if (code !== 0) throw new LabFailed(`the lab could not be taken down: ${lastLine}`);
}

/** Runs `npm run lab -- NAME`, showing its progress; a session of its own keeps Ctrl-C from it. */
async function command(
  name: 'up' | 'down',
  signal?: AbortSignal,
): Promise<{ readonly code: number; readonly lastLine: string }> {
  const program = join(import.meta.dirname, 'main.ts');
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), program, name], {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    child.kill('SIGTERM');
    timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
  };
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    process.stderr.write(text);
    said = (said + text).slice(-2_000);
  });
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted === true) stop();
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  signal?.removeEventListener('abort', stop);
  return { code: code ?? 1, lastLine: said.trim().split('\n').at(-1)?.trim() ?? '' };
}
