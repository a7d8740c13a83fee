import { describe, expect, it } from 'vitest';
import { TIMINGS } from './kill-one-config.ts';
import type { Notice } from './kill-one-post.ts';
import { complaintsOf, tableOf } from './kill-one-report.ts';
import type { Trial } from './kill-one-trial.ts';

const T0 = 1_700_000_000_000;

const notice = (after: number, region: string, changes: Partial<Notice> = {}): Notice => ({
  at: T0 + after * 1000,
  receiver: 'page',
  by: 'http://am1.example.org',
  status: 'firing',
  group: { region },
  alerts: [
    {
      status: 'firing',
      labels: { alertname: 'MaasHaVipServiceDown', region },
      startsAt: '',
      endsAt: '',
    },
  ],
  ...changes,
});

const told = [
  notice(61, 'lab'),
  notice(76, 'lab-b'),
  notice(260, 'lab', { status: 'resolved' }),
  notice(265, 'lab-b', { status: 'resolved' }),
];

const trial = (changes: Partial<Trial> = {}): Trial => ({
  victim: 'am1',
  moment: 'waiting',
  fault: 'region-rpc-dead',
  injected: T0,
  killed: T0 + 40_000,
  healed: T0 + 180_000,
  order: ['am1', 'am2'],
  heard: told,
  lapses: [],
  remarks: [],
  ...changes,
});

const ticket = notice(200, 'monitor', {
  receiver: 'ticket',
  alerts: [
    {
      status: 'firing',
      labels: { alertname: 'MaasHaMonitorPartlyDown', region: 'monitor' },
      startsAt: '',
      endsAt: '',
    },
  ],
});

describe('what is wrong with a trial', () => {
  it.each<{ what: string; changes: Partial<Trial>; complaints: readonly string[] }>([
    { what: 'one page and one end of each region', changes: {}, complaints: [] },
    {
      what: 'a page that came twice',
      changes: { heard: [...told, notice(120, 'lab')] },
      complaints: ['2 pages of lab'],
    },
    {
      what: 'a region of which nobody was told',
      changes: { heard: told.filter(({ group }) => group['region'] === 'lab') },
      complaints: ['0 pages of lab-b', '0 ends of lab-b'],
    },
    {
      what: 'an end that was told twice',
      changes: { heard: [...told, notice(300, 'lab', { status: 'resolved' })] },
      complaints: ['2 ends of lab'],
    },
    {
      what: 'somebody woken by the kill itself',
      changes: { heard: [...told, notice(120, 'monitor')] },
      complaints: ['1 pages of monitor, which has no fault'],
    },
    {
      what: 'a ticket about what was killed',
      changes: { heard: [...told, ticket] },
      complaints: [],
    },
    {
      what: 'an alert that was let go of while it was true',
      changes: { lapses: ['p0a let go of MaasHaVipServiceDown of lab'] },
      complaints: ['p0a let go of MaasHaVipServiceDown of lab'],
    },
  ])('$what', ({ changes, complaints }) => {
    expect(complaintsOf(trial(changes))).toEqual(complaints);
  });
});

describe('the table', () => {
  it('has the times of kill, first pages and ends, and who sent them', () => {
    const [, , row] = tableOf([trial()], TIMINGS.short).split('\n');
    expect(row).toBe(
      '| am1, which sends first | +40 s (waiting) | region-rpc-dead | lab +61 s, lab-b +76 s | MaasHaVipServiceDown | lab 1, lab-b 1 | lab 1, lab-b 1 (+80 s) | am1 | nothing | once, as it should be |',
    );
  });

  it('names what others than those who are woken were told', () => {
    expect(tableOf([trial({ heard: [...told, ticket] })], TIMINGS.short)).toContain(
      '| ticket: MaasHaMonitorPartlyDown of monitor firing |',
    );
  });

  it('says which waits are shorter than in production', () => {
    expect(tableOf([], TIMINGS.short)).toContain('group_interval 30s');
    expect(tableOf([], TIMINGS.generated)).toContain('All waits as generated.');
  });
});
