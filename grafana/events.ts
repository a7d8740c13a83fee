import type { Event } from './panels.ts';

/* What happened to a region, for all dashboards that show one. */

const became = (held: string): string => `${held} == 1 and ${held} offset 1m == 0`;

export const REGION_EVENTS: readonly Event[] = [
  {
    name: 'Virtual address moved',
    colour: 'warn',
    expr: (q) => `max by (region) (changes(${q.series('maasha_vip_owner_changes')}[1m])) > 0`,
    title: 'The virtual address of {{region}} moved to another node',
    text: 'See who holds it in “Region at a glance”.',
    tags: ['region'],
  },
  {
    name: 'Failover',
    colour: 'warn',
    expr: (q) => `${q.max('maasha_failover_recent')} == 1`,
    title: 'Failover in {{region}}: the {{of}}',
    text: 'What follows it needs up to 120 s.',
    tags: ['region', 'of'],
  },
  {
    name: 'PostgreSQL primary changed',
    colour: 'warn',
    expr: (q) =>
      `max by (region, node) (${became(q.series('maasha_postgres_role', { state: 'primary' }))})`,
    title: '{{node}} became the PostgreSQL primary of {{region}}',
    text: 'A new timeline begins; the other node must follow it.',
    tags: ['region', 'node'],
  },
  {
    name: 'Alert (monitor)',
    colour: 'bad',
    expr: (q) =>
      `${q.max('maasha_alerts_standing', { where: { standing: 'firing' }, by: ['alert', 'severity'] })} > 0`,
    title: '{{alert}} ({{severity}}) in {{region}}',
    text: 'As the monitor tells it.',
    tags: ['region', 'alert', 'severity'],
  },
  {
    name: 'Alert (Prometheus)',
    colour: 'bad',
    expr: (q) =>
      `max by (region, alertname, severity) (${q.foreign('ALERTS', { alertname: '~MaasHa.*', alertstate: 'firing', region: '~$region' })})`,
    title: '{{alertname}} ({{severity}}) in {{region}}',
    text: 'As the generated rules tell it.',
    tags: ['region', 'alertname', 'severity'],
  },
  {
    name: 'Configuration accepted',
    colour: 'note',
    expr: (q) =>
      `max by (instance) (changes(${q.series('maasha_config_last_reload_success_timestamp_seconds')}[1m])) > 0`,
    title: 'The monitor read a new configuration',
    text: '{{instance}}',
    tags: ['instance'],
  },
];
