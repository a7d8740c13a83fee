/* Which dashboard shows what a check looks at: for the links of alerts, and for whoever draws them. */

/** The dashboards, by the uid under which Grafana keeps them. */
export type DashboardUid =
  | 'maasha-region'
  | 'maasha-database'
  | 'maasha-dns'
  | 'maasha-services'
  | 'maasha-clusters'
  | 'maasha-monitor';

/** By the beginning of the check's name; the first that fits counts. */
const BY_PREFIX: readonly (readonly [string, DashboardUid])[] = [
  ['postgres-', 'maasha-database'],
  ['pgpool-', 'maasha-database'],
  ['dns-', 'maasha-dns'],
  ['region-', 'maasha-services'],
  ['cluster-connections', 'maasha-services'],
  ['cluster-controllers', 'maasha-services'],
  ['cluster-', 'maasha-clusters'],
  ['bmc', 'maasha-clusters'],
  ['rack-', 'maasha-services'],
  ['maas-', 'maasha-services'],
  ['monitor', 'maasha-monitor'],
];

/** Who holds the virtual address and whether one more failure is survived is on the first one, as is all else. */
export const dashboardOf = (check: { readonly name: string }): DashboardUid =>
  BY_PREFIX.find(([prefix]) => check.name.startsWith(prefix))?.[1] ?? 'maasha-region';
