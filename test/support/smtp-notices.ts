import { readFileSync } from 'node:fs';
import type { Notice } from '../../alerts/notice.ts';
import { instant } from '../../src/core/time.ts';

const STARTED = instant(Date.parse('2026-11-23T10:02:07Z'));
const later = (minutes: number) => instant(STARTED + minutes * 60_000);

/** One critical alert when it opened: a region without its virtual address, and what that explains. */
export const opened: Notice = {
  kind: 'open',
  reason: 'bad for long enough',
  at: later(0),
  region: 'maas3',
  rule: 'MaasHaVipUnreachable',
  severity: 'critical',
  labels: {},
  summary:
    'The virtual address 172.31.16.39 answers neither ping nor TCP: the region is down for its users.',
  standing: 'firing',
  episode: { id: '01KAQZ5M3T8V9WXYZ1E7F2ABCD', startsAt: STARTED },
  explains: [
    {
      rule: 'MaasHaDnsMasterDown',
      labels: { zone: 'maas3' },
      summary: 'The DNS master does not answer.',
    },
    {
      rule: 'MaasHaVipServiceDown',
      labels: { port: '8000' },
      summary: 'Port 8000 of the virtual address refuses.',
    },
  ],
  evidence: [
    'icmp: 3 of 3 echo requests to 172.31.16.39 unanswered within 1 s each',
    'tcp: 172.31.16.39:9999 no answer within 3 s',
    'pcp rc1: leader is rc1, quorum exists, escalation YES, and yet no node shows the address on eth0',
  ],
  holders: ['VIP: nobody (2 witnesses)', 'watchdog leader: rc1', 'primary: rc2'],
  runbook: {
    url: 'https://monitor.example.org:9877/runbooks/MaasHaVipUnreachable?region=maas3',
    steps: [
      'Step 1: Ask every pgpool\n- host: rc1 (`ssh 172.31.16.32`), then rc2 (`ssh 172.31.16.33`)\n- risk: none\n- run: `pcp_watchdog_info -h localhost -p 9898 -U root -v`\n- expect: One LEADER, quorum exists, escalation YES.\n- abort: See Decide: another runbook is the right one.',
      'Step 2: See who shows the address\n- host: rc1 (`ssh 172.31.16.32`), then rc2 (`ssh 172.31.16.33`)\n- risk: none\n- run: `ip -brief -4 addr`\n- expect: 172.31.16.39 on one node.',
    ],
    text: readFileSync(
      new URL('../../alerts/runbooks/MaasHaVipUnreachable.md', import.meta.url),
      'utf8',
    ),
  },
  dashboard: 'https://grafana.example.org/d/maasha?var-region=maas3&from=1795428127000',
};

const { steps, url = '' } = opened.runbook ?? { steps: [] };

/** The same when somebody took it. */
export const acknowledged: Notice = {
  ...opened,
  kind: 'acknowledge',
  reason: 'by a person',
  at: later(4),
  standing: 'acknowledged',
  owner: { by: 'dana', via: 'slack' },
  runbook: { url, steps },
};

/** The same when it was over. */
export const resolved: Notice = {
  ...opened,
  kind: 'close',
  reason: 'good for long enough',
  at: later(21),
  standing: 'resolved',
  episode: { ...opened.episode, endsAt: later(19) },
  owner: { by: 'dana', via: 'slack' },
  explains: [],
  evidence: ['icmp: 3 of 3 echo requests to 172.31.16.39 answered'],
  holders: ['VIP: rc1 (4 witnesses)', 'watchdog leader: rc1', 'primary: rc2'],
  runbook: { url, steps: [] },
};
