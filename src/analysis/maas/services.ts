import type { z } from 'zod';
import { doesNotApply, evidence, type Note } from '../../core/check.ts';
import { observeState } from '../../core/metric.ts';
import type { Region } from '../../core/region.ts';
import { byController, UNCONFIGURED } from './controllers.ts';
import { SERVICE_STATES, serviceState } from './metrics.ts';
import type { services } from './questions.ts';

type Service = z.output<typeof services.shape>;
type State = (typeof SERVICE_STATES)[number];

/** Every service that a version from 2.0 to 3.7 keeps a row for. */
const KNOWN = [
  ...['regiond', 'bind9', 'proxy', 'ntp_region', 'syslog_region', 'reverse_proxy'],
  ...['temporal', 'temporal-worker'],
  ...['rackd', 'http', 'tftp', 'dhcpd', 'dhcpd6', 'tgt', 'ntp_rack', 'dns_rack', 'proxy_rack'],
  ...['syslog_rack', 'agent'],
] as const;

const stateOf = (status: string): State =>
  SERVICE_STATES.find((state) => state === status) ?? 'unknown';

const worst = (rows: readonly Service[]): State =>
  rows.reduce<State>((state, { status }) => {
    const other = stateOf(status);
    return SERVICE_STATES.indexOf(other) > SERVICE_STATES.indexOf(state) ? other : state;
  }, 'running');

/** What MAAS has recorded of the services of its controllers; only a living region keeps that true. */
export function serviceNotes(region: Region, rows: readonly Service[]): readonly Note[] {
  const by = byController(region, rows);
  const names = [...region.nodes, ...region.clusters].map(({ name }) => name);
  return [...names, UNCONFIGURED].flatMap((controller) => {
    const own = by.get(controller) ?? [];
    return own.length === 0
      ? [doesNotApply(serviceState, { controller })]
      : controllerNotes(controller, own);
  });
}

function controllerNotes(controller: string, rows: readonly Service[]): readonly Note[] {
  return [...KNOWN, 'other'].flatMap((service): readonly Note[] => {
    const own = rows.filter(({ name }) => labelOf(name) === service);
    if (own.length === 0) return [doesNotApply(serviceState, { controller, service })];
    return [
      ...observeState(serviceState, worst(own), { controller, service }),
      ...own
        .filter(inTrouble)
        .map(({ hostname, name, status, info }) =>
          evidence(
            hostname,
            `MAAS says that ${name} is ${status}${info === '' ? '' : `: ${info}`}`,
          ),
        ),
    ];
  });
}

const labelOf = (name: string): string => KNOWN.find((each) => each === name) ?? 'other';

const inTrouble = ({ status }: Service): boolean => ['dead', 'degraded'].includes(status);
