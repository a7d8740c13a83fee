import { gauge } from '../../core/metric.ts';

export const primaryDrift = gauge({
  name: 'maasha_postgres_primary_drift',
  help: 'Whether the node that is declared to be the primary is not the one that is (1) or is (0); absent while it is not known which node is, or which one is declared.',
  labels: ['node'],
});

export const driftSeconds = gauge({
  name: 'maasha_postgres_primary_drift_seconds',
  help: 'Time since the monitor first saw that the declared node is not the primary that there is now; 0 while it is.',
  labels: ['node'],
});

export const declaredKnown = gauge({
  name: 'maasha_declared_primary_known',
  help: 'Whether it can be read which one of the nodes is declared to be the primary (1) or not (0): the source cannot be read, or names none of them, or several.',
  labels: [],
});

export const declaredTwice = gauge({
  name: 'maasha_declared_primary_contradicted',
  help: 'Whether `declared_primary` of the monitor names another node than configuration management itself (1) or the same (0).',
  labels: [],
});

export const declaredMetrics = [primaryDrift, driftSeconds, declaredKnown, declaredTwice] as const;
