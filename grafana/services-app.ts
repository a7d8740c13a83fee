import { most, since, stateOf } from './asks.ts';
import { yesIsBad } from './look.ts';
import { lines, stat, timeline, type Board } from './panels.ts';

/** Panels of the board `services`: MAAS's own pages, and what followed the virtual address when it moved. */
export const APP: Board['panels'] = {
  followed: timeline({
    title: 'What did not follow the virtual address',
    about:
      'After a takeover: whether the web server, the DNS master, the proxy, the event loops and the clusters followed. Late is what had the time to: 60 s, for event loops 120 s, for clusters 180 s.',
    asks: [most('maasha_failover_part_missing', '{{part}}')],
    absent: 'unknown',
    words: yesIsBad('there', 'missing'),
    alerts: ['MaasHaFailoverIncomplete'],
  }),
  laggards: stat({
    title: 'Late after a takeover',
    about: 'Parts that have not followed the virtual address in the time that they have.',
    asks: [most('maasha_failover_laggards')],
    unit: 'none',
    absent: 'unknown',
    limits: ['maasha_failover_laggards'],
  }),
  completed: stat({
    title: 'Last takeover: complete after',
    about:
      'From when the monitor saw the virtual address at its present holder until all that belongs to it had followed.',
    asks: [most('maasha_failover_completed_seconds')],
    unit: 's',
    absent: 'none seen yet',
  }),
  pages: timeline({
    title: 'Login page and API: what answers',
    about:
      'At maas_url (vip) and at each node. Of MAAS 1.x the passive node has no database, by design.',
    asks: [stateOf('maasha_app_state', '{{server}}')],
    absent: 'unknown',
    words: { statesOf: 'maasha_app_state' },
    alerts: ['MaasHaAppBackendGone'],
  }),
  pagesServed: timeline({
    title: 'Login page and API: MAAS’s own',
    about: 'Whether both come and are MAAS’s: at maas_url (vip) they must.',
    asks: [most('maasha_app_serves', '{{server}}')],
    absent: 'unknown',
    words: { 0: ['no', 'note'], 1: ['yes', 'good'] },
    alerts: ['MaasHaAppNotServing'],
  }),
  pageTime: lines({
    title: 'Login page: time to answer',
    about: 'From connecting to the last byte, at maas_url (vip) and at each node.',
    asks: [most('maasha_app_answer_seconds', '{{server}}')],
    unit: 's',
    absent: 'unknown',
    limits: ['maasha_app_answer_seconds'],
    min: 0,
  }),
  pagePhases: lines({
    title: 'Login page: time by phase',
    about:
      'At maas_url. To connect: the network. Until the first byte: the application and its database.',
    asks: [most('maasha_app_phase_seconds', '{{phase}}', { where: { server: 'vip' } })],
    unit: 's',
    absent: 'unknown',
    min: 0,
  }),
  webAge: lines({
    title: 'Web server: runs for',
    about:
      'Since it started or was told to read its configuration anew; a takeover restarts it. Only of Apache with mod_status.',
    asks: [since('maasha_app_started_timestamp_seconds', '{{node}}')],
    unit: 's',
    absent: 'unknown, or not looked at',
    min: 0,
  }),
};
