import { gauge, stateset } from '../../core/metric.ts';

/**
 * What answers for MAAS's own pages at an address:
 *
 * - `serves`       the login page and the API are MAAS's
 * - `partly`       the login page is, and the API does not answer as one
 * - `no_database`  the application answers with an error (500): as a rule it has no database
 * - `starting`     the application says so itself (503), or that it failed to start
 * - `no_backend`   the web server answers, and no application behind it
 * - `hangs`        the request is taken and not answered (or 504)
 * - `foreign`      something answers that is not MAAS's
 * - `closed`       nobody listens
 * - `unreachable`  there is no way to the address
 */
export const APP_STATES = [
  'serves',
  'partly',
  'no_database',
  'starting',
  'no_backend',
  'hangs',
  'foreign',
  'closed',
  'unreachable',
] as const;
export type AppState = (typeof APP_STATES)[number];

export const state = stateset({
  name: 'maasha_app_state',
  help: "What answers for MAAS's login page and API: serves, partly (the page and not the API), no_database (it answers with an error), starting, no_backend (the web server alone), hangs, foreign (not MAAS), closed or unreachable.",
  labels: ['server'],
  states: APP_STATES,
});
export const serves = gauge({
  name: 'maasha_app_serves',
  help: "Whether the login page and the API's version come from there and are MAAS's (1) or not (0); of generation 1 the passive node, which has no database, does not.",
  labels: ['server'],
});
export const answerTime = gauge({
  name: 'maasha_app_answer_seconds',
  help: 'Time that the login page took, from connecting to its last byte, whatever the answer was.',
  labels: ['server'],
});
export const phaseTime = gauge({
  name: 'maasha_app_phase_seconds',
  help: 'Time of one phase of the login page: to connect, to agree on TLS, until the first byte of the answer, until the last one.',
  labels: ['server', 'phase'],
});
export const started = gauge({
  name: 'maasha_app_started_timestamp_seconds',
  help: "When the node's web server started or was last told to read its configuration, as a Unix time; only where it says so (`app.status_path`).",
  labels: ['node'],
});
