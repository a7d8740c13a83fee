import { gauge, stateset } from '../../core/metric.ts';
import { ANSWER_STATES } from './answers.ts';

/* What is measured of the resolvers as a deployed machine uses them; `rules.ts` says what is bad about it. */

export const state = stateset({
  name: 'maasha_dns_client_answer',
  help: 'What this slave DNS answers to a machine that asks it to resolve the name, as the monitor sees it: answers is well, all other states are faults.',
  labels: ['server', 'name'],
  states: ANSWER_STATES,
});
export const answerTime = gauge({
  name: 'maasha_dns_client_answer_seconds',
  help: 'Time from the question of the monitor to the answer of this slave DNS; absent where none came.',
  labels: ['server', 'name'],
});
export const wait = gauge({
  name: 'maasha_dns_client_wait_seconds',
  help: 'How long a look-up of the name takes a machine that has this slave DNS first in its resolv.conf, until it is answered or given up: computed from what each answered, with the 5 s that a silent one costs.',
  labels: ['server', 'name'],
});
export const resolving = gauge({
  name: 'maasha_dns_client_resolvers',
  help: 'How many slave DNS servers resolve the name for a machine; only where that is known of each.',
  labels: ['name'],
});
export const works = gauge({
  name: 'maasha_dns_client_resolver_works',
  help: 'Whether this slave DNS resolves all that machines ask it for (1) or not (0): a name of MAAS, and one outside where that is configured.',
  labels: ['server'],
});
export const disagree = gauge({
  name: 'maasha_dns_client_resolvers_disagree',
  help: 'Whether two slave DNS servers give different addresses for the name of MAAS (1) or not (0).',
  labels: [],
});
