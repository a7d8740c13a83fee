import { shownOf } from '../../alerts/incident.ts';
import { isStanding } from '../../alerts/state.ts';
import { gauge, observe } from '../core/metric.ts';
import { MONITOR } from '../core/ports/monitor.ts';
import type { Alerting } from './alerting.ts';
import type { Sample } from './exposition.ts';

const standing = gauge({
  name: 'maasha_alerts_standing',
  help: 'Alerts that go on, by how they stand: firing, acknowledged, recovering, flapping, stale, explained by another one, or silenced. A combination that does not occur has no series.',
  labels: ['alert', 'severity', 'standing'],
});
const outbox = gauge({
  name: 'maasha_outbox_deliveries',
  help: 'Messages of the live episodes, by channel and by how far they are on their way.',
  labels: ['channel', 'stage'],
});
const silences = gauge({
  name: 'maasha_silences',
  help: 'Silences that were made and have not been removed, ended ones included until the next hourly clearing.',
  labels: [],
});

const STAGES = ['queued', 'leased', 'doubtful', 'sent', 'dead', 'superseded'] as const;

/** All metrics of the alerting, for the catalogue. */
export const alertMetrics = [standing, outbox, silences] as const;

/** How the alerts and their messages stand at this moment. */
export function alertSamples(alerting: Alerting): readonly Sample[] {
  const own = (observation: Sample['observation']): Sample => ({
    region: MONITOR.name,
    observation,
  });
  return [
    ...alerting.desk.states().flatMap(({ region, alerts }) => {
      const counts = new Map<string, { count: number; labels: Labels }>();
      for (const alert of Object.values(alerts).filter(isStanding)) {
        const labels = { alert: alert.rule, severity: alert.severity, standing: shownOf(alert) };
        const key = JSON.stringify(labels);
        counts.set(key, { labels, count: (counts.get(key)?.count ?? 0) + 1 });
      }
      return [...counts.values()].map(({ labels, count }) => ({
        region,
        observation: observe(standing, count, labels),
      }));
    }),
    ...alerting.channels.names.flatMap((channel) => {
      const rows = alerting.ledger.deliveriesOfChannel(channel);
      return STAGES.map((stage) =>
        own(observe(outbox, rows.filter((row) => row.stage === stage).length, { channel, stage })),
      );
    }),
    own(observe(silences, alerting.silences.length, {})),
  ];
}

interface Labels {
  readonly alert: string;
  readonly severity: string;
  readonly standing: string;
}
