import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { serveControl, simulationRunning } from '../sim/control.ts';
import { claimDirectory, releaseDirectory, simulationDirectory } from '../sim/place.ts';
import { addressesIn, NODES } from '../sim/plan.ts';
import { startSimulation, type Simulation } from '../sim/region.ts';
import { demoAlerting } from './demo-alerting.ts';
import { monitorCommand } from './demo-monitor.ts';
import type { Stage, Wanted } from './demo-stage.ts';

/** Where to live, if the usual addresses are somebody else's: first three octets, in 127.0.0.0/8. */
const NETWORK = process.env['MAASHA_SIMULATION_NETWORK'] ?? '127.31.16';

/** Starts the simulated region in this process. */
export async function simulationStage(wanted: Wanted): Promise<Stage> {
  const directory = simulationDirectory();
  if ((await simulationRunning()) !== undefined)
    throw new Error(`a simulation runs already (its files are in ${directory})`);
  wanted.say('starting the simulated region …');
  // Before any secret is written there.
  claimDirectory(directory);
  const ends: (() => Promise<void> | void)[] = [
    () => {
      releaseDirectory(directory);
    },
  ];
  const down = async (): Promise<void> => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const { host, port, signal } = wanted;
    const options = { dir: directory, listen: { host, port }, network: NETWORK, signal };
    const simulation = await startSimulation(options);
    ends.push(() => simulation.stop());
    const alerting = await demoAlerting(join(directory, 'alerts'));
    ends.push(alerting.remove);
    appendFileSync(simulation.configFile, alerting.yaml);
    const control = await serveControl(simulation);
    ends.push(() => control.close());
    return describe(wanted, simulation, down);
  } catch (error) {
    await down();
    throw error;
  }
}

function describe({ main }: Wanted, { configFile }: Simulation, down: Stage['down']): Stage {
  const { vip, node } = addressesIn(NETWORK);
  return {
    title:
      'a SIMULATION of a highly available MAAS region: servers in this one process that speak the true ' +
      'wire formats, and a real PostgreSQL primary and standby, on loopback addresses',
    watched: `VIP ${vip}, ${NODES.map((name) => `${name} ${node[name]}`).join(', ')}, clusters cc1 and cc2`,
    look: `npx maasha status --config ${configFile}`,
    alerts: `npx maasha alerts --config ${configFile}`,
    end: 'Ctrl-C ends the monitor and the simulation, and leaves nothing behind',
    command: monitorCommand(main, configFile),
    directory: process.cwd(),
    follows: configFile,
    down,
  };
}
