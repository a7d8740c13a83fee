import type { Alerts } from '../../alerts/state.ts';
import { stateset, observe, observeState, gauge, type Observation } from '../../src/core/metric.ts';
import type { CheckResult } from '../../src/core/check.ts';
import type { Region } from '../../src/core/region.ts';
import { instant } from '../../src/core/time.ts';
import type { Picture } from '../../src/runtime/picture.ts';
import type { PageSources } from '../../src/runtime/page/view.ts';
import { testCheck } from './checks.ts';
import { region } from './region.ts';
import { result } from './results.ts';

/* What the page is made from, for tests that say which samples there are. */

export const NOW = instant(Date.parse('2026-11-24T10:00:00Z'));

type Labels = Readonly<Record<string, string>>;

/** One sample of a metric by its name, as the page reads them. */
export const sample = (name: string, value: number, labels: Labels = {}): Observation =>
  observe(
    gauge({ name: name as `maasha_${string}`, help: '', labels: Object.keys(labels) }),
    value,
    labels,
  );

/** A stateset that has this state. */
export const inState = (name: string, state: string, labels: Labels): readonly Observation[] =>
  observeState(
    stateset({
      name: name as `maasha_${string}`,
      help: '',
      labels: Object.keys(labels),
      states: [state, 'some other'],
    }),
    state,
    labels,
  );

const PER_NODE = (active: string, passive: string): readonly Observation[] => [
  ...[active, passive].flatMap((node) => [
    sample('maasha_node_reachable', 1, { node }),
    sample('maasha_pgpool_up', 1, { node }),
    sample('maasha_pgpool_backend_detached', 0, { backend: node }),
    sample('maasha_region_ready', 1, { node }),
    sample('maasha_dns_slave_up', 1, { node }),
    sample('maasha_dns_soa_serial_distance', 0, { server: node, zone: 'maas3' }),
    sample('maasha_vip_owner', Number(node === active), { node }),
    sample('maasha_pgpool_watchdog_escalated', Number(node === active), { node }),
  ]),
  ...inState('maasha_pgpool_watchdog_node_state', 'leader', { node: active, peer: active }),
  ...inState('maasha_pgpool_watchdog_node_state', 'standby', { node: passive, peer: passive }),
  ...inState('maasha_postgres_role', 'primary', { node: active }),
  ...inState('maasha_postgres_role', 'standby', { node: passive }),
  ...inState('maasha_region_state', 'active', { node: active }),
  ...inState('maasha_region_state', 'no_database', { node: passive }),
];

/** All that is seen of a region that is well: rc1 holds everything. */
const WELL: readonly Observation[] = [
  ...PER_NODE('rc1', 'rc2'),
  sample('maasha_vip_up', 1),
  sample('maasha_vip_owner_witnesses', 3),
  sample('maasha_vip_sql_up', 1),
  sample('maasha_vip_sql_writable', 1),
  sample('maasha_dns_master_up', 1),
  sample('maasha_region_redundant', 1),
  sample('maasha_postgres_replication_connected', 1, { standby: 'rc2' }),
  sample('maasha_postgres_replication_lag_seconds', 0, { standby: 'rc2' }),
  sample('maasha_cluster_reachable', 1, { cluster: 'maas4' }),
  sample('maasha_cluster_connected', 1, { cluster: 'maas4' }),
  ...inState('maasha_region_url_state', 'active', {}),
];

const keyOf = ({ metric, labels }: Observation): string =>
  JSON.stringify([metric.name, Object.entries(labels).sort()]);

/** A region that is well but for these samples; a sample that is `gone` was not made. */
export function seen(
  changes: readonly Observation[] = [],
  gone: (sample: Observation) => boolean = () => false,
): readonly CheckResult[] {
  const changed = new Set(changes.map(keyOf));
  const kept = WELL.filter((each) => !changed.has(keyOf(each)) && !gone(each));
  return [result('vip', [...kept, ...changes], { startedAt: NOW })];
}

export const noPicture = (changes: Partial<Picture> = {}): Picture => ({
  now: NOW,
  states: [] as readonly Alerts[],
  silences: [],
  windows: [],
  outlets: [],
  deliveries: [],
  journal: () => [],
  ...changes,
});

export const sources = (changes: Partial<PageSources> = {}): PageSources => {
  const regions: readonly Region[] = changes.regions ?? [region()];
  return {
    regions,
    planned: regions.map((each) => ({ check: testCheck({ name: 'vip' }), region: each })),
    results: seen(),
    picture: noPicture(),
    past: () => ({ state: [], vip: [], primary: [] }),
    ...changes,
  };
};
