import { most, movedUp } from './asks.ts';
import { yesIsBad } from './look.ts';
import { lines, timeline, type Board } from './panels.ts';

/** Panels of the board `database`: what configuration management takes for the primary. */
export const DECLARED: Board['panels'] = {
  declared: timeline({
    title: 'Declared primary against the real one',
    about:
      'Whether the node that configuration management declares to be the primary is the one that is, whether it can be read at all, and whether the copy in maasha.yaml says the same. What drifts is to be edited before the next run of configuration management.',
    asks: [
      most('maasha_postgres_primary_drift', '{{node}} declared'),
      movedUp(10, 'maasha_declared_primary_known', 'readable'),
      movedUp(20, 'maasha_declared_primary_contradicted', 'copy in maasha.yaml'),
    ],
    absent: 'unknown, or none declared',
    words: {
      ...yesIsBad('is the primary', 'is not the primary', 'warn'),
      10: ['no', 'warn'],
      11: ['yes', 'good'],
      20: ['the same', 'good'],
      21: ['another', 'warn'],
    },
  }),
  drifting: lines({
    title: 'Drift of the declared primary: how long',
    about:
      'Time since another node than the declared one was first seen as the primary. Puppet’s agent runs every 30 minutes unless told otherwise; when it runs next is not known here.',
    asks: [most('maasha_postgres_primary_drift_seconds', '{{node}}')],
    unit: 's',
    absent: 'unknown, or none declared',
    limits: ['maasha_postgres_primary_drift_seconds'],
    min: 0,
  }),
};
