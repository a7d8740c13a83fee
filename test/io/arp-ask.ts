import type { NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { seconds } from '../../src/core/time.ts';
import { Arping } from '../../src/io/arp.ts';
import { inRun } from '../support/run-scope.ts';

export const VIP = '10.9.0.9';

/** What Node would say of the interfaces of the machine that asks. */
export const interfaces = (eth0: readonly string[]): typeof networkInterfaces => {
  const info = (address: string) => ({ address, family: 'IPv4' }) as NetworkInterfaceInfo;
  return () => ({ lo: [info('127.0.0.1')], eth0: eth0.map(info) });
};

/** Asks by this program, from a machine whose eth0 has these addresses. */
export const ask = (
  command: string,
  { address = VIP, on = 'eth0', own = ['10.9.0.1'], timeout = 4 } = {},
) =>
  inRun((scope) =>
    new Arping(command, interfaces(own))
      .port(scope)
      .whoHas(address, { interface: on, timeout: seconds(timeout) }),
  );
