import type { Client } from '../sim/control.ts';

/*
 * The lab's commands on the simulated region, which `npm start` runs where no lab can be: the same words
 * reach whichever of the two there is.
 */

type Command = (
  simulation: Client,
  argument: string,
  print: (text: string) => void,
) => Promise<number>;

const COMMANDS: Readonly<Record<string, Command>> = {
  status: async (simulation, argument, print) => {
    const status = await simulation.status();
    print(argument === '--json' ? JSON.stringify(status, null, 2) : status.lines.join('\n'));
    return status.healthy ? 0 : 1;
  },
  list: async (simulation, argument, print) => {
    const faults = await simulation.list();
    if (argument === '--json') print(JSON.stringify(faults, null, 2));
    else
      for (const { name, about, injected } of faults)
        print(`${injected ? '*' : ' '} ${name.padEnd(22)}${about}`);
    return 0;
  },
  fault: async (simulation, argument, print) => {
    print(await simulation.inject(argument));
    return 0;
  },
  heal: async (simulation, argument, print) => {
    const status = await simulation.heal(argument);
    print(status.healthy ? 'healthy' : `not healthy: ${status.missing.join('; ')}`);
    return status.healthy ? 0 : 1;
  },
};

/** What runs this command on the simulation; undefined for a command that only the lab knows. */
export const onSimulation = (name: string): Command | undefined => COMMANDS[name];
