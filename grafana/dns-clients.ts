import { most, movedUp, stateOf } from './asks.ts';
import { yesIsGood } from './look.ts';
import { lines, stat, timeline, type PanelSpec } from './panels.ts';

/* What deployed machines see of DNS. */

const ASKED = '{{server}} {{name}}';

export const CLIENTS: Readonly<Record<string, PanelSpec>> = {
  resolvers: stat({
    title: 'Resolvers that resolve',
    about: 'How many slaves give a machine names of MAAS (inside), and others (outside).',
    asks: [most('maasha_dns_client_resolvers', '{{name}}')],
    unit: 'none',
    absent: 'unknown, or there is no slave DNS',
    limits: ['maasha_dns_client_resolvers'],
  }),
  clientAnswers: timeline({
    title: 'What machines are answered',
    about:
      'What each slave answers to a machine that asks for a name of MAAS, and for one outside.',
    asks: [stateOf('maasha_dns_client_answer', ASKED)],
    absent: 'unknown, or there is no slave DNS',
    words: { statesOf: 'maasha_dns_client_answer' },
  }),
  resolverWorks: timeline({
    title: 'Resolvers of machines',
    about:
      'Whether each slave resolves all that machines ask it for, and whether two give different addresses for one name.',
    asks: [
      most('maasha_dns_client_resolver_works', '{{server}}'),
      movedUp(10, 'maasha_dns_client_resolvers_disagree', 'two disagree'),
    ],
    absent: 'unknown, or there is no slave DNS',
    words: { ...yesIsGood('fails', 'works', 'warn'), 10: ['no', 'good'], 11: ['yes', 'note'] },
  }),
  clientWait: lines({
    title: 'What a look-up costs a machine',
    about:
      'By the slave that it asks first: until it is answered or gives up. A silent slave costs 5 s before the next is asked, all silent ones 20 s and no answer.',
    asks: [most('maasha_dns_client_wait_seconds', `${ASKED}: waits`)],
    unit: 's',
    absent: 'unknown, or there is no slave DNS',
    limits: ['maasha_dns_client_wait_seconds'],
    min: 0,
  }),
  clientTime: lines({
    title: 'Time to answer a machine',
    about: 'From the question to the answer, at each slave; nothing where none came.',
    asks: [most('maasha_dns_client_answer_seconds', ASKED)],
    unit: 's',
    absent: 'unknown, or nothing is answered',
    min: 0,
  }),
};
