import { Gauge, Registry } from 'prom-client';
import type { Observation } from '../core/metric.ts';

/** An observation with the region that it is about. */
export interface Sample {
  readonly region: string;
  readonly observation: Observation;
}

/**
 * Samples as Prometheus text, from a registry that lives for this one rendering: a series that was
 * not observed is not there. Of two samples of one series the later one counts. What is in `registry`
 * already comes first.
 */
export async function render(
  samples: readonly Sample[],
  registry = new Registry(),
): Promise<string> {
  const gauges = new Map<string, Gauge>();
  for (const { region, observation } of samples) {
    const { metric, labels, value } = observation;
    let family = gauges.get(metric.name);
    if (family === undefined) {
      family = new Gauge({
        name: metric.name,
        help: metric.help,
        labelNames: ['region', ...metric.labels],
        registers: [registry],
      });
      gauges.set(metric.name, family);
    }
    family.set({ region, ...labels }, value);
  }
  return registry.metrics();
}
