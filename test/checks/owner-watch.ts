import check from '../../checks/vip-owner.ts';
import { responders } from '../../src/analysis/owner/wire.ts';
import type { CheckResult } from '../../src/core/check.ts';
import { gauge, observe, type Observation } from '../../src/core/metric.ts';
import type { Region } from '../../src/core/region.ts';
import { FakeClock } from '../support/clock.ts';
import { fakePorts } from '../support/ports.ts';
import { region } from '../support/region.ts';
import { result } from '../support/results.ts';
import { runCheck, type Ran } from '../support/run-check.ts';

type Name = 'rc1' | 'rc2';
const NODES = ['rc1', 'rc2'] as const;

const sample = (
  name: `maasha_${string}`,
  labels: Record<string, string>,
  value: number,
): Observation => observe(gauge({ name, help: '.', labels: Object.keys(labels) }), value, labels);

/** What the other checks saw; what is left out they could not see. */
export interface Seen {
  /** Nodes that answer for the address on the wire; a stranger answers, too. */
  readonly arp?: readonly (Name | 'stranger')[];
  readonly pcp?: readonly Name[];
  readonly dns?: Name;
  readonly marker?: Name;
  readonly leaders?: readonly Name[];
  readonly primaries?: readonly Name[];
  readonly vipUp?: 0 | 1;
  /** Nodes whose pgpool is closed or silent: these say nothing of themselves. */
  readonly pgpoolDown?: readonly Name[];
}

/** Each node's sample, 1 where it is one of `of`. */
const each = (
  name: `maasha_${string}`,
  of: readonly string[] | undefined,
  labels: Record<string, string> = {},
): readonly Observation[] =>
  of === undefined
    ? []
    : NODES.map((node) => sample(name, { ...labels, node }, Number(of.includes(node))));

function resultsOf(seen: Seen): Record<string, readonly Observation[]> {
  const down = seen.pgpoolDown ?? [];
  const alive = NODES.filter((node) => !down.includes(node));
  const state = (role: string, peer: string) =>
    sample('maasha_pgpool_watchdog_node_state', { node: 'rc1', peer, state: role }, 1);
  return {
    vip: seen.vipUp === undefined ? [] : [sample('maasha_vip_up', {}, seen.vipUp)],
    'vip-witness': [
      ...(seen.arp === undefined
        ? []
        : [
            sample(responders.name, {}, seen.arp.length),
            sample('maasha_vip_arp_strangers', {}, Number(seen.arp.includes('stranger'))),
          ]),
      ...each('maasha_vip_claim', seen.arp, { witness: 'arp' }),
      ...each('maasha_vip_claim', seen.marker && [seen.marker], { witness: 'marker' }),
    ],
    'pgpool-watchdog': [
      ...NODES.map((node) => sample('maasha_pgpool_up', { node }, Number(!down.includes(node)))),
      ...each('maasha_pgpool_watchdog_escalated', seen.pcp).filter(({ labels }) =>
        alive.includes(labels['node'] as Name),
      ),
      ...(seen.leaders ?? seen.pcp ?? []).map((peer) => state('leader', peer)),
    ],
    'postgres-replication': (seen.primaries ?? []).map((node) =>
      sample('maasha_postgres_role', { node, state: 'primary' }, 1),
    ),
    'dns-serial': [...each('maasha_dns_master_node', seen.dns && [seen.dns])],
  };
}

export const WELL: Seen = {
  arp: ['rc1'],
  pcp: ['rc1'],
  dns: 'rc1',
  marker: 'rc1',
  primaries: ['rc1'],
  vipUp: 1,
};

/** A monitor that looks again and again: it has a clock, a memory, and the newest result of each check. */
export class Watch {
  readonly clock = new FakeClock();
  memory: unknown;
  #needs: Record<string, CheckResult> = {};
  readonly #region: Region;

  constructor(changes: Partial<Region> = {}) {
    this.#region = region({ interface: 'eth0', ...changes });
  }

  /** Lets time pass, then the named checks look (all of them, if none is named) and this one after them. */
  async sees(seen: Seen, { after = 15, checks = [] as readonly string[] } = {}): Promise<Ran> {
    this.clock.advance(after);
    const at = this.clock.now();
    for (const [name, observations] of Object.entries(resultsOf(seen)))
      if (checks.length === 0 || checks.includes(name))
        this.#needs = { ...this.#needs, [name]: result(name, observations, { startedAt: at }) };
    return this.run();
  }

  async run(once = false): Promise<Ran> {
    const { clock, memory } = this;
    const context = { clock, memory, needs: this.#needs, once };
    const ran = await runCheck(check, this.#region, fakePorts(), context);
    // As the store does it.
    this.memory = ran.memory === undefined ? undefined : JSON.parse(JSON.stringify(ran.memory));
    return ran;
  }
}

export const once = async (seen: Seen, changes: Partial<Region> = {}): Promise<Ran> =>
  new Watch(changes).sees(seen);
export const says = ({ evidence }: Ran): string =>
  evidence.map(({ subject, says: words }) => `${subject}: ${words}`).join('\n');
export const holders = ({ values }: Ran): readonly (number | undefined)[] =>
  NODES.map((node) => values[`maasha_vip_owner{node="${node}"}`]);
export const value = ({ values }: Ran, name: string): number | undefined =>
  values[`maasha_${name}{}`];
export const recent = ({ values }: Ran, of = 'vip'): number | undefined =>
  values[`maasha_failover_recent{of="${of}"}`];
