import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { noPrometheus } from '../support/prometheus.ts';
import { TIMINGS, VICTIMS, type Timing } from './kill-one-config.ts';
import { complaintsOf, tableOf } from './kill-one-report.ts';
import { Stage } from './kill-one-stage.ts';
import { tryPlan, type Means, type Plan, type Trial } from './kill-one-trial.ts';
import { untilInterrupted } from './interrupt.ts';
import * as lab from './lab.ts';
import { removeDirectory, someDirectory } from './messages-watch.ts';

/*
 * `npm run lab -- kill-one [WHO…]`: whether a page arrives, and arrives once, when one of those between the
 * region and the page is killed during a fault.
 */

/** Each victim with another moment or fault. */
const PLANS: readonly Plan[] = [
  { victim: 'none', moment: 'at once', fault: 'region-rpc-dead' },
  { victim: 'm1', moment: 'waiting', fault: 'region-rpc-dead' },
  { victim: 'm2', moment: 'at once', fault: 'dns-master-dead' },
  { victim: 'p0a', moment: 'pending', fault: 'region-rpc-dead' },
  { victim: 'p0b', moment: 'told', fault: 'vip-nowhere' },
  { victim: 'p1a', moment: 'waiting', fault: 'dns-master-dead' },
  { victim: 'p1b', moment: 'pending', fault: 'vip-nowhere' },
  { victim: 'am1', moment: 'waiting', fault: 'region-rpc-dead' },
  { victim: 'am2', moment: 'told', fault: 'dns-master-dead' },
];

interface Wanted {
  readonly plans: readonly Plan[];
  readonly timing: Timing;
  readonly keep: string | undefined;
  readonly json: boolean;
}

/** @throws RangeError for one that takes no part. */
function wantedIn(args: readonly string[]): Wanted {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      fault: { type: 'string' },
      generated: { type: 'boolean', default: false },
      keep: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const names = positionals.length > 0 ? positionals : ['none', ...VICTIMS];
  const { fault } = values;
  return {
    plans: names.map((name) => {
      const plan = PLANS.find(({ victim }) => victim === name);
      if (plan === undefined)
        throw new Error(`nobody is called ${name}; there are none, ${VICTIMS.join(', ')}`);
      return fault === undefined ? plan : { ...plan, fault };
    }),
    timing: TIMINGS[values.generated ? 'generated' : 'short'],
    keep: values.keep,
    json: values.json,
  };
}

/** Tries them one after the other on one stage; what came of each is given as soon as it is known. */
export async function killOne(
  plans: readonly Plan[],
  { directory, timing, ...means }: Means & { readonly directory: string; readonly timing: Timing },
  tell: (trial: Trial) => void,
): Promise<void> {
  const stage = new Stage(directory, timing);
  try {
    means.say(`starting ${VICTIMS.join(', ')}; their files are in ${directory}`);
    await stage.start();
    for (const plan of plans) {
      means.say(`${plan.victim} (${plan.moment}) during ${plan.fault}: waiting until all is well`);
      tell(await tryPlan(plan, stage, means));
    }
  } finally {
    await stage.stop();
  }
}

/** The whole program. Returns the exit code: 0 when every page arrived once. */
export async function killOneVerb(
  args: readonly string[],
  say: (line: string) => void,
  print: (text: string) => void,
): Promise<number> {
  const { plans, timing, keep, json } = wantedIn(args);
  const missing = noPrometheus(['prometheus', 'alertmanager']);
  if (missing !== undefined) throw new lab.CannotRun(missing);
  const ours = !lab.exists();
  await lab.up(say);
  const directory = keep ?? someDirectory();
  const trials: Trial[] = [];
  try {
    await killOne(plans, { directory, timing, say, signal: untilInterrupted(say) }, (trial) => {
      trials.push(trial);
      writeFileSync(join(directory, 'trials.json'), JSON.stringify(trials, null, 1));
      say(`${trial.victim}: ${complaintsOf(trial).join('; ') || 'one page, one end'}`);
    });
  } finally {
    if (trials.length > 0) print(json ? JSON.stringify(trials, null, 1) : tableOf(trials, timing));
    if (keep === undefined) removeDirectory(directory);
    if (ours) await lab.down();
  }
  return trials.every((trial) => complaintsOf(trial).length === 0) ? 0 : 1;
}
