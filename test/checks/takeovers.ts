import { beforeEach } from 'vitest';
import check from '../../checks/failover-complete.ts';
import type { CheckResult } from '../../src/core/check.ts';
import { gauge, observe, type Observation } from '../../src/core/metric.ts';
import type { Region } from '../../src/core/region.ts';
import { instant } from '../../src/core/time.ts';
import { FakeClock } from '../support/clock.ts';
import { fakePorts } from '../support/ports.ts';
import { region } from '../support/region.ts';
import { result } from '../support/results.ts';
import { runCheck, type Ran } from '../support/run-check.ts';

/* What failover-complete is given by other checks, and a service that runs it again and again. */

const sample = (
  name: `maasha_${string}`,
  value: number,
  labels: Record<string, string> = {},
): Observation => observe(gauge({ name, help: '.', labels: Object.keys(labels) }), value, labels);

/** What the others saw; absent is not known. */
export interface Sight {
  readonly holders?: readonly string[];
  /** Seconds that the holder has been seen there; absent: that is not known. */
  readonly held?: number;
  readonly serves?: number;
  readonly state?: string;
  /** For how many seconds the holder's web server runs. */
  readonly age?: number;
  readonly dns?: readonly [up: number, node?: string];
  readonly proxy?: string;
  readonly rpc?: readonly [success: number, loops?: number, answers?: number];
  readonly clusters?: Readonly<Record<string, number>>;
  readonly unreachable?: readonly string[];
  readonly sql?: number;
  /** Seconds since the others looked. */
  readonly looked?: number;
  readonly once?: boolean;
}

const NODES = ['rc1', 'rc2'];

/** All that belongs to it is at its holder. */
export const whole = (holder: string, held: number): Sight => ({
  holders: [holder],
  held,
  serves: 1,
  state: 'serves',
  age: held,
  dns: [1, holder],
  proxy: 'works',
  rpc: [1, 1, 1],
  clusters: { maas4: 1, maas5: 1 },
  sql: 1,
});

const given = <Value>(
  value: Value | undefined,
  toSamples: (value: Value) => readonly Observation[],
): readonly Observation[] => (value === undefined ? [] : toSamples(value));

const optional = (
  name: `maasha_${string}`,
  value: number | undefined,
  labels: Record<string, string> = {},
): readonly Observation[] => given(value, (known) => [sample(name, known, labels)]);

export function needs(sight: Sight, now: number): Readonly<Record<string, CheckResult>> {
  const { holders = ['rc1'], held, clusters, dns, rpc, unreachable = [], looked = 0 } = sight;
  const [holder = ''] = holders;
  const at = { startedAt: instant(now - looked * 1000) };
  const [success, loops, answers] = rpc ?? [];
  return {
    'vip-owner': result('vip-owner', [
      ...NODES.map((node) => sample('maasha_vip_owner', Number(holders.includes(node)), { node })),
      ...optional(
        'maasha_vip_owner_since_timestamp_seconds',
        held === undefined ? undefined : now / 1000 - held,
      ),
    ]),
    'postgres-vip': result('postgres-vip', optional('maasha_vip_sql_up', sight.sql), at),
    'region-app': result(
      'region-app',
      [
        ...optional('maasha_app_serves', sight.serves, { server: 'vip' }),
        ...given(sight.state, (state) => [sample('maasha_app_state', 1, { server: 'vip', state })]),
        ...optional(
          'maasha_app_started_timestamp_seconds',
          sight.age === undefined ? undefined : now / 1000 - sight.age,
          { node: holder },
        ),
      ],
      at,
    ),
    'dns-serial': result(
      'dns-serial',
      given(dns, ([up, node]) => [
        sample('maasha_dns_master_up', up),
        ...given(node, (known) => [sample('maasha_dns_master_node', 1, { node: known })]),
      ]),
      at,
    ),
    proxy: result(
      'proxy',
      given(sight.proxy, (state) => [
        sample('maasha_proxy_state', 1, { server: 'vip', service: 'proxy-8000', state }),
      ]),
      at,
    ),
    'cluster-controllers': result(
      'cluster-controllers',
      [
        ...optional('maasha_region_rpc_http_success', success),
        ...optional('maasha_region_rpc_node_event_loops', loops, { node: holder }),
        ...optional('maasha_region_rpc_handshake_success', answers, { node: holder }),
        ...unreachable.map((cluster) => sample('maasha_cluster_reachable', 0, { cluster })),
      ],
      at,
    ),
    'cluster-connections': result(
      'cluster-connections',
      given(clusters, (all) =>
        Object.entries(all).map(([cluster, is]) =>
          sample('maasha_cluster_connected', is, { cluster }),
        ),
      ),
      at,
    ),
  };
}

export const PROXY: Partial<Region> = { proxy: { ports: [8000] } };

/** The same, and of these nothing is known. */
export const without = (sight: Sight, ...parts: readonly (keyof Sight)[]): Sight =>
  Object.fromEntries(
    Object.entries(sight).filter(([part]) => !parts.includes(part as keyof Sight)),
  );

/** One for each test: what its clock says, and what the last run remembered. */
export const service: { clock: FakeClock; memory: unknown } = {
  clock: new FakeClock(),
  memory: undefined,
};

beforeEach(() => {
  service.clock = new FakeClock();
  service.memory = undefined;
});

/** The next run of a service that remembers what the last one said, as plain JSON. */
export async function look(sight: Sight, changes: Partial<Region> = PROXY): Promise<Ran> {
  const ran = await runCheck(check, region(changes), fakePorts(), {
    clock: service.clock,
    once: sight.once ?? false,
    needs: needs(sight, service.clock.now()),
    memory: service.memory,
  });
  if (sight.once !== true)
    service.memory = ran.memory === undefined ? undefined : JSON.parse(JSON.stringify(ran.memory));
  return ran;
}

/** rc1 has held it for long, with all that belongs to it; then it moves to rc2, seen there `held` s ago. */
export async function afterMove(held: number, sight: Partial<Sight> = {}): Promise<Ran> {
  await look(whole('rc1', 5000));
  service.clock.advance(10 + held);
  return look({ ...whole('rc2', held), ...sight });
}

export const said = (ran: Ran): string =>
  ran.evidence.map(({ subject, says }) => `${subject} ${says}`).join('\n');
export const missing = (ran: Ran, part: string): number | undefined =>
  ran.values[`maasha_failover_part_missing{part="${part}"}`];
export const laggards = (ran: Ran): number | undefined => ran.values['maasha_failover_laggards{}'];
export const INCOMPLETE = ['MaasHaFailoverIncomplete'];
