import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noPrometheus } from '../support/prometheus.ts';
import { TIMINGS } from './kill-one-config.ts';
import { complaintsOf } from './kill-one-report.ts';
import type { Plan, Trial } from './kill-one-trial.ts';
import { killOne } from './kill-one.ts';
import * as lab from './lab.ts';
import { removeDirectory, someDirectory } from './messages-watch.ts';

/*
 * One of each kind is killed during a fault: a monitor, a Prometheus, an Alertmanager. `npm run lab --
 * kill-one` does it with all of them.
 */

const reason = (await lab.whyNot()) ?? noPrometheus(['prometheus', 'alertmanager']);
const full = process.env['MAASHA_LAB'] === 'full';
/** What comes together is told together, and what is over has to stay so for a while. */
const TIME = 1_800_000;

const PLANS: readonly Plan[] = [
  { victim: 'm1', moment: 'waiting', fault: 'region-rpc-dead' },
  { victim: 'p0a', moment: 'pending', fault: 'region-rpc-dead' },
  { victim: 'am1', moment: 'waiting', fault: 'region-rpc-dead' },
];

describe.skipIf(reason !== undefined || !full)('one of them dies during a fault', () => {
  let ours = false;
  let folder: string;
  beforeAll(async () => {
    ours = !lab.exists();
    folder = someDirectory();
    await lab.up((line) => process.stderr.write(`lab: ${line}\n`));
  });
  afterAll(async () => {
    removeDirectory(folder);
    if (ours) await lab.down();
  });

  it(
    'and the page arrives once for each region, whoever it was',
    async ({ signal }) => {
      const trials: Trial[] = [];
      const means = {
        directory: folder,
        timing: TIMINGS.short,
        say: (line: string) => process.stderr.write(`lab: ${line}\n`),
        signal,
      };
      await killOne(PLANS, means, (trial) => trials.push(trial));
      expect(trials.map((each) => [each.victim, complaintsOf(each)])).toEqual([
        ['m1', []],
        ['p0a', []],
        ['am1', []],
      ]);
    },
    TIME,
  );
});
