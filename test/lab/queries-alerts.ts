import { isStanding } from '../../alerts/state.ts';
import type { RuledAlert } from '../support/prometheus.ts';
import type { Known } from './messages-watch.ts';

/*
 * The same rules are judged twice: by the service, and by Prometheus from the generated ones. What each
 * says stands, side by side.
 */

/** One alert with who says that it stands. */
export interface Compared {
  /** `region Rule{label="value",…} severity`. */
  readonly alert: string;
  readonly by: 'both' | 'service' | 'prometheus';
  /** How it stands with the one who does not say so. */
  readonly otherwise?: string;
}

type Labels = Readonly<Record<string, string>>;

const named = (region: string, rule: string, severity: string, labels: Labels): string => {
  const shown = Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, value]) => `${label}="${value}"`);
  return `${region} ${rule}${shown.length > 0 ? `{${shown.join(',')}}` : ''} ${severity}`;
};

const ofService = (alert: Known['alerts'][number]): string =>
  named(alert.region, alert.rule, alert.severity, alert.labels);

function ofPrometheus({ labels }: RuledAlert): string {
  const { alertname = '?', severity = '?', region = '?', ...rest } = labels;
  return named(region, alertname, severity, rest);
}

type Alert = Known['alerts'][number];

/** What stands by either of the two. */
export function compared({ alerts }: Known, ruled: readonly RuledAlert[]): readonly Compared[] {
  const service = new Map(alerts.map((alert) => [ofService(alert), alert]));
  const prometheus = new Map(ruled.map((alert) => [ofPrometheus(alert), alert]));
  return [...new Set([...service.keys(), ...prometheus.keys()])]
    .sort()
    .flatMap((alert) => whoSays(alert, service.get(alert), prometheus.get(alert)) ?? []);
}

function whoSays(
  alert: string,
  own: Alert | undefined,
  other: RuledAlert | undefined,
): Compared | undefined {
  const service = own !== undefined && isStanding(own);
  const prometheus = other?.state === 'firing';
  if (!service && !prometheus) return undefined;
  if (service && prometheus) return { alert, by: 'both' };
  return service
    ? { alert, by: 'service', otherwise: standsWith(other?.state) }
    : { alert, by: 'prometheus', otherwise: standsWith(own?.condition.is) };
}

const standsWith = (state: string | undefined): string => state ?? 'not there';

export const agree = (alerts: readonly Compared[]): boolean =>
  alerts.every(({ by }) => by === 'both');
