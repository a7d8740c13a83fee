import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runIn, tryRunIn } from '../net.ts';
import { legOf, paths } from '../plan.ts';
import { writeDaemon } from '../processes.ts';
import type { LabService } from '../services.ts';

/* Power controllers of two machines on cc1's segment: OpenIPMI's own simulator, which speaks true RMCP and IPMI. */

/** By name: their addresses, all of them on the host gw. */
export const BMCS = { bmc1: '172.31.17.90', bmc2: '172.31.17.91' } as const;
type Bmc = keyof typeof BMCS;
const NAMES = Object.keys(BMCS) as Bmc[];

/** Gives a controller its address, or takes it away: then nothing of it answers. */
export const plug = (bmc: Bmc): Promise<string> => runIn('gw', addressOf('add', bmc));
export const unplug = (bmc: Bmc): Promise<string> => runIn('gw', addressOf('del', bmc));

const addressOf = (action: 'add' | 'del', bmc: Bmc): readonly string[] => [
  ...['ip', 'addr', action, `${BMCS[bmc]}/32`, 'dev', legOf('gw', 'cc1').device],
];

function write(bmc: Bmc): void {
  const directory = paths.daemon('gw', bmc);
  mkdirSync(join(directory, 'state'), { recursive: true });
  writeFileSync(
    join(directory, 'lan.conf'),
    `name "${bmc}"
set_working_mc 0x20
  startlan 1
    addr ${BMCS[bmc]} 623
    priv_limit admin
    allowed_auths_admin none md2 md5 straight
    guid a123456789abcdefa123456789abcde${bmc.at(-1)}
  endlan
  user 2 true "maas" "maas" admin 10 none md2 md5 straight
`,
  );
  writeFileSync(
    join(directory, 'sim.emu'),
    `mc_setbmc 0x20
mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02
sel_enable 0x20 1000 0x0a
mc_enable 0x20
`,
  );
  const files = `-c ${directory}/lan.conf -f ${directory}/sim.emu -s ${directory}/state`;
  writeDaemon('gw', bmc, [`/usr/bin/ipmi_sim -n ${files}`]);
}

const service: LabService = {
  packages: ['openipmi'],
  daemons: { gw: NAMES },
  write() {
    NAMES.forEach(write);
  },
  async networked() {
    for (const bmc of NAMES) await plug(bmc);
  },
  async look() {
    const asked = NAMES.map(async (bmc) => {
      const { stdout } = await tryRunIn('gw', ['ss', '-Hlun', `src = ${BMCS[bmc]}:623`]);
      return stdout.includes(':623') ? [] : [`${bmc} does not listen`];
    });
    return (await Promise.all(asked)).flat();
  },
  configure({ clusters }) {
    const section = clusters.find(({ name }) => name === 'cc1');
    if (section === undefined) return;
    section['bmcs'] = NAMES.map((name) => ({ name, address: BMCS[name] }));
  },
};

export default service;
