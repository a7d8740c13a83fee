import { most } from './asks.ts';
import { yesIsGood } from './look.ts';
import { stat, timeline, type PanelSpec } from './panels.ts';

/* What machines of a cluster's segment are told by DHCP, and whether they can be switched. */

const NO_SEGMENT = 'unknown, or no cluster has a `segment`';
const NO_BMCS = 'unknown, or no cluster has `bmcs`';

export const DHCP: Readonly<Record<string, PanelSpec>> = {
  dhcpRogue: stat({
    title: 'Foreign DHCP servers',
    about:
      'Servers that answered the monitor on a segment and are not configured there: machines boot wrongly.',
    asks: [most('maasha_dhcp_rogue_servers', '{{cluster}}')],
    unit: 'none',
    absent: NO_SEGMENT,
    limits: ['maasha_dhcp_rogue_servers'],
  }),
  dhcpDns: stat({
    title: 'DNS servers that DHCP lacks',
    about:
      'Slave DNS servers that machines are not told of: with one of two missing, one failure leaves them without names.',
    asks: [most('maasha_dhcp_dns_missing', '{{cluster}} {{server}}')],
    unit: 'none',
    absent: NO_SEGMENT,
    limits: ['maasha_dhcp_dns_missing'],
  }),
  dhcpServers: timeline({
    title: 'DHCP servers',
    about: 'Whether each one answers a question on its own segment.',
    asks: [most('maasha_dhcp_server_answers', '{{cluster}} {{server}}')],
    absent: NO_SEGMENT,
    words: yesIsGood('silent', 'answers', 'warn'),
  }),
};

export const BMC: Readonly<Record<string, PanelSpec>> = {
  bmcs: timeline({
    title: 'Power controllers: IPMI',
    about: 'Whether each one answers over RMCP: without that MAAS cannot switch its machine.',
    asks: [most('maasha_bmc_up', '{{cluster}} {{bmc}}')],
    absent: NO_BMCS,
    words: yesIsGood('silent', 'answers', 'note'),
  }),
  bmcHosts: timeline({
    title: 'Power controllers: address',
    about: 'Whether anything answers at its address: where it does and IPMI does not, that is off.',
    asks: [most('maasha_bmc_host_up', '{{cluster}} {{bmc}}')],
    absent: NO_BMCS,
    words: yesIsGood('nothing', 'answers', 'note'),
  }),
  bmcCount: stat({
    title: 'Power controllers that answer',
    about: 'None of several: then their network is cut, and not they.',
    asks: [most('maasha_bmcs_up', '{{cluster}}')],
    unit: 'none',
    absent: 'unknown, or less than two in each cluster',
    limits: ['maasha_bmcs_up'],
  }),
};
