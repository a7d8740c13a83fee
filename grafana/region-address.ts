import { asked, most, movedUp, since } from './asks.ts';
import { yesIsGood } from './look.ts';
import { lines, stat, timeline, type PanelSpec } from './panels.ts';

/* The virtual address and the nodes: what answers, and who says who holds it. */

export const ADDRESS: Readonly<Record<string, PanelSpec>> = {
  reach: timeline({
    title: 'What answers',
    about:
      'The virtual address (in any way, and by each method), the further ones that move with it, each node, and each trusted server.',
    asks: [
      most('maasha_vip_up', 'virtual address'),
      most('maasha_vip_reachable', 'virtual address by {{method}}'),
      most('maasha_vip_also_up', '{{address}}'),
      most('maasha_node_reachable', 'node {{node}}'),
      most('maasha_trusted_server_reachable', 'trusted server {{server}}'),
    ],
    absent: 'unknown',
    words: yesIsGood('silent', 'answers'),
    alerts: ['MaasHaRegionDown'],
  }),
  services: timeline({
    title: 'Services at the virtual address',
    about: 'Whether a TCP connection to each service is accepted.',
    asks: [most('maasha_vip_port_open', '{{service}}')],
    absent: 'unknown',
    words: yesIsGood('closed', 'open'),
    alerts: ['MaasHaVipAllServicesDown'],
  }),
  witnesses: timeline({
    title: 'Who says who holds the virtual address',
    about:
      'Each witness by itself: the machine that answers ARP, the page that names its node, the watchdog (escalated), the DNS master.',
    asks: [
      most('maasha_vip_claim', '{{witness}}: {{node}}'),
      most('maasha_pgpool_watchdog_escalated', 'watchdog: {{node}}'),
      most('maasha_dns_master_node', 'DNS: {{node}}'),
    ],
    absent: 'no witness speaks',
    words: { 0: ['–', 'idle'], 1: ['this one', 'good'] },
    alerts: ['MaasHaVipWitnessesDisagree'],
  }),
  ownership: timeline({
    title: 'Is the holding of the address sound',
    about:
      'Its holder must lead the watchdog, the witnesses must agree, and no node may answer for it when another one leads.',
    asks: [
      most('maasha_vip_owner_leads', 'holder leads the watchdog'),
      movedUp(10, 'maasha_vip_witnesses_disagree', 'witnesses'),
      movedUp(20, 'maasha_vip_leftover', '{{node}} has it left over'),
    ],
    absent: 'unknown',
    words: {
      ...yesIsGood('no', 'yes', 'warn'),
      10: ['agree', 'good'],
      11: ['disagree', 'warn'],
      20: ['no', 'good'],
      21: ['yes', 'bad'],
    },
  }),
  claims: lines({
    title: 'How many hold it, answer for it, and say so',
    about:
      'Nodes that hold or claim the address, machines that answer ARP for it, strangers among them, and witnesses that name the present holder. More than one holder or responder is a duplicate, which ping does not show.',
    asks: [
      most('maasha_vip_owners', 'holders'),
      most('maasha_vip_arp_responders', 'answer ARP'),
      most('maasha_vip_arp_strangers', 'strangers'),
      most('maasha_vip_owner_witnesses', 'witnesses'),
    ],
    unit: 'short',
    absent: 'unknown',
    limits: ['maasha_vip_owners'],
    min: 0,
  }),
  held: stat({
    title: 'Held for',
    about: 'Time since the present holder was first seen as such.',
    asks: [since('maasha_vip_owner_since_timestamp_seconds')],
    unit: 's',
    absent: 'unknown',
  }),
  moves: stat({
    title: 'Moves within the last hour',
    about: 'Each move of the address restarts the services behind it.',
    asks: [most('maasha_vip_owner_changes_last_hour')],
    unit: 'none',
    absent: 'unknown',
    limits: ['maasha_vip_owner_changes_last_hour'],
  }),
  answering: stat({
    title: 'Nodes that answer',
    about: 'How many region controllers answer the monitor; only where that is known of each.',
    asks: [most('maasha_nodes_answering')],
    unit: 'none',
    absent: 'unknown',
    limits: ['maasha_nodes_answering'],
  }),
  blind: stat({
    title: 'Is it the region or the view',
    about:
      'When all trusted servers are silent, both pgpools drop the address within 15 s. When nothing at all answers, it is the monitor that is cut off.',
    asks: [
      most('maasha_trusted_servers_lost', 'trusted servers'),
      movedUp(10, 'maasha_monitor_isolated', 'monitor'),
    ],
    unit: 'none',
    absent: 'unknown',
    words: {
      0: ['answer', 'good'],
      1: ['all silent', 'bad'],
      10: ['sees', 'good'],
      11: ['is cut off', 'bad'],
    },
  }),
  open: stat({
    title: 'Services that accept',
    about:
      'How many services at the virtual address accept a connection; only where there are several.',
    asks: [most('maasha_vip_ports_open')],
    unit: 'none',
    absent: 'unknown, or not several',
    limits: ['maasha_vip_ports_open'],
  }),
  loss: lines({
    title: 'Echoes that are lost',
    about:
      'Share of the echo requests that the address left unanswered, as long as it answers any. pgpool pings as well: expect a failover without need.',
    asks: [most('maasha_vip_icmp_loss_ratio')],
    unit: 'percentunit',
    absent: 'unknown',
    limits: ['maasha_vip_icmp_loss_ratio'],
    min: 0,
    max: 1,
  }),
  roundTrip: lines({
    title: 'Round trip, and time to connect',
    about: 'Echoes of one run (least, mean, greatest), and TCP connections to each service.',
    asks: [
      most('maasha_vip_icmp_round_trip_seconds', 'echo {{stat}}'),
      asked((q) => q.max('maasha_vip_connect_seconds'), '{{service}}'),
    ],
    unit: 's',
    absent: 'unknown',
    min: 0,
  }),
};
