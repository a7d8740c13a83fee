import { STATES } from '../core/check.ts';
import { FAILURE_CODES } from '../core/failure.ts';
import type { Metric } from '../core/metric.ts';

/* What the labels of our metrics mean, for whoever reads the reference. */

const list = (values: readonly string[]): string =>
  values.map((value) => `\`${value}\``).join(', ');

/** A label by its name means the same at every metric, but for those of `SPECIAL`. */
const MEANINGS: Readonly<Record<string, string>> = {
  address: 'one of the further addresses of the region, `also_vips`',
  alert: 'name of a rule',
  bmc: 'name of a power controller (`bmcs` of a cluster)',
  backend: 'name of the node whose database it is, as pgpool sees it',
  channel: 'name of a channel of `alerting:`',
  check: 'name of a check',
  cluster:
    'name of a cluster controller; `unconfigured` stands for all that the configuration does not name',
  controller: 'name of a node or a cluster controller; `unconfigured` stands for all others',
  method: 'how it was tried: `icmp` or `tcp`',
  name: 'which name is looked up: `inside`, one of MAAS, or `outside`, any other',
  node: 'name of a region controller',
  part: 'what there should be one more of: `vip`, `nodes`, `watchdog`, `backends`, `standby`, `dns`, `proxy`',
  peer: 'name of the node that `node` speaks of',
  rack: 'name of a rack controller',
  reason: `why a run could not see everything: ${list(FAILURE_CODES)}`,
  region: 'name of the region; `monitor` where it is about the monitor itself',
  runtime: 'Node and its version',
  server: 'a slave DNS by its name; `vip` for the master',
  service: 'what answers at a port: `http`, `pgpool`, `dns`, `proxy-PORT`',
  severity: '`critical`, `warning` or `info`',
  slot: 'name of a replication slot',
  standby: 'name of a node whose database is a standby, or ought to be one',
  stat: 'of all echoes of a look: `min`, `mean` or `max`',
  transport: '`udp` or `tcp`',
  trigger: 'what set a run off: `cron`, `startup`, `followup`, `event`, `probe` or `cli`',
  version: 'version of maas-ha-monitor',
  way: 'how a probe was answered: `ran`, `joined`, `kept`, `late` or `refused`',
  watched: 'name of the region that the check looks at',
  witness: 'by what it is known: `arp` or `marker`',
  zone: 'name of a DNS zone',
};

const PROXY_SERVER = 'name of a node, asked at its own address; `vip` for the virtual address';

const DHCP_SERVER = 'address of a DHCP server of the segment';

const APP_SERVER = 'name of a node, asked at its own address; `vip` for maas_url';

const SPECIAL: Readonly<Record<string, string>> = {
  'maasha_alerts_standing.standing':
    '`firing`, `acknowledged`, `recovering`, `flapping`, `stale`, `explained` (by another alert) or `silenced`',
  'maasha_app_answer_seconds.server': APP_SERVER,
  'maasha_app_phase_seconds.phase':
    '`connect`, `tls`, `first_byte` (until the answer begins) or `body` (until it ends)',
  'maasha_app_phase_seconds.server': APP_SERVER,
  'maasha_app_serves.server': APP_SERVER,
  'maasha_app_state.server': APP_SERVER,
  'maasha_check_runs_total.state': list(STATES),
  'maasha_dhcp_dns_missing.server': DHCP_SERVER,
  'maasha_dhcp_server_answers.server': DHCP_SERVER,
  'maasha_failover_part_missing.part':
    'what belongs to the virtual address: `http`, `dns`, `proxy`, `rpc` (event loops) or `clusters`',
  'maasha_fence_witness.witness':
    'who shows it: `report` (the node itself), `application` (the one that runs there) or `sessions` (in the database)',
  ...Object.fromEntries(
    ['state', 'up', 'seconds'].map((each) => [
      `maasha_cluster_service_${each}.service`,
      'as the configuration names it: `tftp`, `http`, `iscsi`, `omapi`, `ntp` or `syslog`',
    ]),
  ),
  'maasha_failover_recent.of': 'what moved: `vip` or `primary`',
  'maasha_maas_event_loops.rows':
    '`listed`: all in the table; `fresh`: those that were refreshed lately',
  'maasha_maas_own_errors.component':
    'what MAAS complains about: `clusters`, `images`, `provisioning` or `other`',
  'maasha_maas_service_state.service': 'name of a service of MAAS; `other` for all that are rare',
  'maasha_outbox_deliveries.stage':
    '`queued`, `leased` (under way), `doubtful` (nobody can tell whether it arrived), `sent`, `dead` (given up) or `superseded`',
  'maasha_pgpool_backend_mismatch.kind': 'what differs: `state` or `role`',
  'maasha_postgres_replication_lag_bytes.stage':
    'how far WAL has come at the standby: `sent`, `flush` or `replay`',
  'maasha_proxy_cache_hit.server': PROXY_SERVER,
  'maasha_proxy_fetch_seconds.server': PROXY_SERVER,
  'maasha_proxy_state.server': PROXY_SERVER,
  'maasha_trusted_server_reachable.server': 'address of one of the `trusted_servers`',
};

/** What a label means that means something of its own at this metric. */
export const specialMeaning = ({ name, states }: Metric, label: string): string | undefined =>
  states !== undefined && label === 'state' ? list(states) : SPECIAL[`${name}.${label}`];

/** What a label means at this metric. @throws Error, for the author of a check, when nobody has said so. */
export function meaningOf(metric: Metric, label: string): string {
  const meaning = specialMeaning(metric, label) ?? MEANINGS[label];
  if (meaning === undefined)
    throw new Error(
      `${metric.name}: the meaning of its label "${label}" is not known, expected a line in src/generate/labels.ts`,
    );
  return meaning;
}
