import { instant } from '../../../src/core/time.ts';
import type { Notice } from '../../../alerts/notice.ts';

const START = Date.UTC(2026, 10, 23, 10, 2, 7);

/** A moment so many seconds after the alert began. */
export const later = (seconds: number) => instant(START + seconds * 1000);

/** A critical alert as it opens. */
export const opened: Notice = {
  kind: 'open',
  reason: 'nothing explains it',
  at: later(4),
  region: 'maas3',
  rule: 'MaasHaVipUnreachable',
  severity: 'critical',
  labels: {},
  summary: 'The virtual address 172.31.16.39 answers neither ping nor TCP: the region is down.',
  standing: 'firing',
  episode: { id: '01JDC8ZQ6M3V9T4E7F2A5B0CDE', startsAt: later(0) },
  explains: [
    { rule: 'MaasHaDnsMasterDown', labels: {}, summary: 'The DNS master does not answer' },
    {
      rule: 'MaasHaDnsZoneBehind',
      labels: { node: 'rc2', zone: 'maas3' },
      summary: 'Zone maas3 on rc2 is behind',
    },
  ],
  evidence: [
    'ping 172.31.16.39: 0 of 3 replies',
    'TCP 172.31.16.39:9999: no answer within 2 s',
    'PCP on rc1 <172.31.16.32>: no leader & no quorum',
  ],
  holders: ['VIP: nobody (2 witnesses)', 'primary: rc2'],
  runbook: {
    url: 'https://monitor.example.org/runbooks/MaasHaVipUnreachable?region=maas3&node=',
    steps: [
      'Ask every pgpool, on rc1 and rc2: `pcp_watchdog_info -h localhost -p 9898 -U root -v`',
      'See who shows the address, on rc1 and rc2: `ip -brief -4 addr | grep -F 172.31.16.39`',
      'Only if nobody leads: …',
    ],
  },
  dashboard: 'https://grafana.example.org/d/maasha?from=1795428127000',
};

/** The same episode, as it goes on. */
export const updated: Notice = {
  ...opened,
  kind: 'update',
  reason: 'news',
  at: later(95),
  evidence: [...opened.evidence, 'ARP: nobody answers for 172.31.16.39'],
};
export const acknowledged: Notice = {
  ...updated,
  kind: 'acknowledge',
  reason: 'by a person',
  at: later(130),
  standing: 'acknowledged',
  owner: { by: 'ann', via: 'slack' },
};
export const resolved: Notice = {
  ...acknowledged,
  kind: 'close',
  reason: 'good for long enough',
  at: later(790),
  standing: 'resolved',
  episode: { ...opened.episode, endsAt: later(745) },
  evidence: [],
  holders: ['VIP: rc1 (3 witnesses)', 'primary: rc2'],
  explains: [],
};
