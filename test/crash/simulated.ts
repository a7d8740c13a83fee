import { configsOf } from './ends.ts';
import { modelledEnds } from './models.ts';
import type { Mutant } from './mutant.ts';
import { Died, type Life, type Theatre } from './play.ts';
import { Stage } from './stage.ts';

/*
 * Death in this process: from one point on nothing that the monitor does has any effect, its objects
 * are thrown away, and another one opens the same store.
 */

export function simulated(mutant?: Mutant): Theatre {
  const ends = modelledEnds();
  const time = { now: 0 };
  return {
    ends,
    now: () => time.now,
    start: (parts, onError) => {
      const stage = new Stage({
        ...parts,
        channels: configsOf(ends.addresses),
        notifiers: ends.notifiers,
        die: () => {
          stage.end();
        },
        onTime: (at) => {
          if (!stage.over) time.now = at;
        },
        onError,
        mutant,
      });
      return lifeOf(stage);
    },
  };
}

function lifeOf(stage: Stage): Life {
  return {
    opened: orDeath(stage, () => stage.open()),
    perform: (act) => orDeath(stage, () => stage.perform(act)),
    hung: (channel) => {
      stage.hung(channel);
    },
    kill: () => {
      stage.end();
    },
    get ended() {
      return stage.stop();
    },
    stop: () => stage.stop(),
  };
}

async function orDeath<Value>(stage: Stage, work: () => Promise<Value>): Promise<Value> {
  try {
    const value = await work();
    if (!stage.over) return value;
  } catch (error) {
    if (!stage.over) throw error;
  }
  await stage.stop();
  throw new Died('the monitor is dead');
}
