import { CheckFailure } from '../../core/failure.ts';
import { seconds } from '../../core/time.ts';
import { denied, granted, notKnown, tried, type Asker, type Remedy, type Right } from './right.ts';

const ECHO = { count: 1, interval: seconds(0.2), timeout: seconds(2) };
const ARP = { timeout: seconds(4) };

const CAPABILITY: Remedy = {
  host: 'monitor',
  into: 'the unit of the service: systemctl edit maasha',
  lines: ['[Service]', 'AmbientCapabilities=CAP_NET_RAW'],
};
const program = (name: string): Remedy => ({
  host: 'monitor',
  into: 'a shell, where the monitor is run by hand',
  lines: [
    `sudo apt-get install iputils-${name}`,
    `sudo setcap cap_net_raw+ep "$(readlink -f "$(command -v ${name})")"`,
  ],
});

/** What takes a raw socket: ICMP, and ARP where an interface is configured. */
export const wireRights = (asker: Asker): Promise<readonly Right[]> =>
  Promise.all([
    echoRight(asker),
    ...(asker.region.interface === undefined ? [] : [arpRight(asker)]),
  ]);

async function echoRight({ io, region }: Asker): Promise<Right> {
  const about = {
    checks: ['vip', 'cluster-controllers'],
    what: 'ping (ICMP); without it TCP decides what answers',
    where: 'monitor',
    needed: false,
  };
  const report = await tried(io.icmp.ping(region.vip, ECHO));
  if (!(report instanceof CheckFailure)) return granted(about);
  return report.code === 'no_privilege'
    ? denied(about, report.message, CAPABILITY, program('ping'))
    : notKnown(about, report.message);
}

async function arpRight({ io, region }: Asker): Promise<Right> {
  const about = {
    checks: ['vip-witness'],
    what: `ask the wire who has the virtual address (ARP on ${region.interface ?? ''})`,
    where: 'monitor',
  };
  if (region.vip.includes(':'))
    return notKnown({ ...about, needed: false }, 'ARP is of IPv4, and the virtual address is not');
  const told = await tried(
    io.arp.whoHas(region.vip, { ...ARP, interface: region.interface ?? '' }),
  );
  if (!(told instanceof CheckFailure)) return granted(about);
  if (told.code === 'no_privilege')
    return denied(about, told.message, CAPABILITY, program('arping'));
  return told.code === 'config'
    ? denied(about, told.message, {
        host: 'monitor',
        into: 'maasha.yaml, the region',
        lines: [
          `interface: ${region.interface ?? ''} # must be the monitor's own, on the region's segment`,
        ],
      })
    : notKnown(about, told.message);
}
