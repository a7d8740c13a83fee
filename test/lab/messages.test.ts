import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as lab from './lab.ts';
import { complaintsOf, toldIn } from './messages-report.ts';
import { removeDirectory, someDirectory } from './messages-watch.ts';
import { tryFault } from './messages.ts';

/*
 * What people are told, by the real monitor of real components: the two faults whose alerts wait least.
 * `npm run lab -- messages` does it with all.
 */

const reason = await lab.whyNot();
const full = process.env['MAASHA_LAB'] === 'full';
/** Hold-downs, and the time that it must be good before it is over, are those of production. */
const TIME = 900_000;

describe.skipIf(reason !== undefined || !full)('one message for each incident', () => {
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

  it.each([
    { fault: 'region-rpc-dead', service: 'http', explains: ['MaasHaRegionRpcDown'] },
    { fault: 'dns-master-dead', service: 'dns', explains: ['MaasHaDnsMasterDown'] },
  ])(
    '$fault opens once and closes once in every channel',
    async ({ fault, service, explains }) => {
      const trial = await tryFault(fault, {
        directory: join(folder, fault),
        say: (line) => process.stderr.write(`lab: ${line}\n`),
      });
      expect(complaintsOf(trial)).toEqual([]);
      expect(toldIn(trial)).toMatchObject([
        {
          name: `MaasHaVipServiceDown service=${service}`,
          severity: 'critical',
          explains,
          runbook: 'MaasHaVipServiceDown.txt',
        },
      ]);
    },
    TIME,
  );
});
