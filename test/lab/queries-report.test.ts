import { describe, expect, it } from 'vitest';
import type { Known } from './messages-watch.ts';
import { agree, compared } from './queries-alerts.ts';
import type { Outcome } from './queries-ask.ts';
import { filled, type Asked } from './queries-panels.ts';
import { differenceOf, inFault, samplesIn, served } from './queries-recorded.ts';
import { complaintsOf, report, type Phase } from './queries-report.ts';

const outcome = (changes: Partial<Outcome> = {}): Outcome => ({
  dashboard: 'maasha-dns',
  from: 'panel',
  title: 'Master',
  refId: 'A',
  shown: [{ labels: { region: 'lab' }, value: 1, text: 'answers' }],
  lines: 1,
  everywhere: 1,
  ...changes,
});

const phase = (
  name: string,
  outcomes: readonly Outcome[],
  changes: Partial<Phase> = {},
): Phase => ({
  name,
  outcomes,
  alerts: [],
  lint: [],
  remarks: [],
  ...changes,
});

const silent = outcome({ shown: [{ labels: { region: 'lab' }, value: 0, text: 'silent' }] });

describe('what is not as it should be with the dashboards', () => {
  it.each([
    ['nothing, when each query answers', outcome(), []],
    [
      'a query that Prometheus refuses',
      outcome({ error: 'up(: unclosed left parenthesis' }),
      ['healthy: maasha-dns, Master (A): up(: unclosed left parenthesis'],
    ],
    [
      'a query without an answer while all is well',
      outcome({ shown: [], lines: 0, everywhere: 0 }),
      ['healthy: maasha-dns, Master (A): no series while all is well'],
    ],
    [
      'nothing, when it is known why there is no answer',
      outcome({ title: 'Alerts that go on', shown: [], lines: 0, everywhere: 0 }),
      [],
    ],
    [
      'nothing, for an event that did not happen',
      outcome({ from: 'annotation', shown: [], lines: 0, everywhere: 0 }),
      [],
    ],
    [
      'fewer series of all regions than of one',
      outcome({ everywhere: 0 }),
      ['healthy: maasha-dns, Master (A): 1 series of one region, 0 of all'],
    ],
  ])('is %s', (_, one, wanted) => {
    expect(complaintsOf([phase('healthy', [one])])).toEqual(wanted);
  });

  it('is a panel that must change in a fault and does not', () => {
    const complaints = complaintsOf([
      phase('healthy', [outcome()]),
      phase('vip-nowhere', [outcome()]),
    ]);
    expect(complaints).toContain(
      'vip-nowhere: Master must change to silent; it shows answers, and showed answers',
    );
  });

  it('is a panel that was the same before the fault', () => {
    const complaints = complaintsOf([phase('healthy', [silent]), phase('vip-nowhere', [silent])]);
    expect(complaints).toContain(
      'vip-nowhere: Master must change to silent; it shows silent, and showed silent',
    );
  });

  it('is no panel that changed as it must', () => {
    const complaints = complaintsOf([
      phase('healthy', [outcome()]),
      phase('vip-nowhere', [silent]),
    ]);
    expect(complaints.filter((each) => each.includes('Master'))).toEqual([]);
  });

  it('is a fault of which nobody said what it changes', () => {
    expect(complaintsOf([phase('healthy', [outcome()]), phase('new', [outcome()])])).toEqual([
      'new: nobody said which panels must change',
    ]);
  });

  it('is what promtool finds in a scrape', () => {
    expect(complaintsOf([phase('healthy', [outcome()], { lint: ['x no help text'] })])).toEqual([
      'healthy: x no help text',
    ]);
  });

  it('is said below a table of all queries', () => {
    const text = report([phase('healthy', [outcome()]), phase('vip-nowhere', [silent])]);
    expect(text).toContain('| maasha-dns | panel | Master | A     | 1: answers | 1: silent   |');
    expect(text).toContain('NOT as it should be:');
  });
});

describe('an expression of a dashboard', () => {
  const asked = (expr: string): Asked => ({
    ...outcome(),
    expr,
    instant: true,
    legend: '',
    words: {},
  });

  it('is filled in as Grafana does it, and keeps the groups of label_replace', () => {
    const expr =
      'label_replace(a{region=~"$region",node=~"${node:regex}"}, "x", "$1", "y", "(.*)")';
    expect(filled(asked(expr), { region: 'lab', node: '.*' })).toBe(
      'label_replace(a{region=~"lab",node=~".*"}, "x", "$1", "y", "(.*)")',
    );
  });

  it('with a variable that nobody knows is an error', () => {
    expect(() => filled(asked('a{rack=~"$rack"}'), {})).toThrow(
      'maasha-dns, Master: nothing is known of the variable $rack',
    );
  });
});

describe('the alerts of the service and of Prometheus', () => {
  const own = (is: 'firing' | 'pending'): Known =>
    ({
      alerts: [
        {
          region: 'lab',
          rule: 'MaasHaNodeDown',
          severity: 'critical',
          labels: { node: 'rc1' },
          condition: { is },
          ...(is === 'firing' && { episode: { id: '1' } }),
        },
      ],
    }) as unknown as Known;
  const ruled = (state: 'firing' | 'pending') => [
    {
      labels: { alertname: 'MaasHaNodeDown', severity: 'critical', region: 'lab', node: 'rc1' },
      annotations: {},
      state,
      activeAt: '',
      value: '1',
    },
  ];
  const alert = 'lab MaasHaNodeDown{node="rc1"} critical';

  it.each([
    [own('firing'), ruled('firing'), [{ alert, by: 'both' }]],
    [own('firing'), ruled('pending'), [{ alert, by: 'service', otherwise: 'pending' }]],
    [own('firing'), [], [{ alert, by: 'service', otherwise: 'not there' }]],
    [own('pending'), ruled('firing'), [{ alert, by: 'prometheus', otherwise: 'pending' }]],
    [own('pending'), ruled('pending'), []],
  ])('are compared by name, labels and severity (%#)', (service, prometheus, wanted) => {
    const found = compared(service, prometheus);
    expect(found).toEqual(wanted);
    expect(agree(found)).toBe(wanted.every(({ by }) => by === 'both'));
  });
});

describe('a recording', () => {
  const HEARTBEAT = 'maasha_heartbeat_timestamp_seconds';
  const healthy = samplesIn(
    `# HELP a x\na{region="lab",text="b c"} 1\ngone{region="lab"} 2\nprocess_cpu_seconds_total 5\n${HEARTBEAT} 100\n`,
  );
  const fault = `a{region="lab",text="b c"} 0\nnew{region="monitor"} 3\nprocess_cpu_seconds_total 6\n${HEARTBEAT} 160\n`;

  it('keeps of a fault what is different, and gives the whole back', () => {
    const difference = differenceOf(healthy, fault);
    expect(difference.split('\n')).toEqual([
      '-gone{region="lab"}',
      'a{region="lab",text="b c"} 0',
      'new{region="monitor"} 3',
      `${HEARTBEAT} 160`,
      '',
    ]);
    expect(inFault(healthy, difference)).toEqual(
      new Map(samplesIn(fault)).set('process_cpu_seconds_total', '5'),
    );
  });

  it('is served as if it were of now, as regions of its own', () => {
    const samples = inFault(healthy, differenceOf(healthy, fault));
    expect(served(samples, 'x', 1_000_000).split('\n').toSorted()).toEqual([
      '',
      'a{region="x",text="b c"} 0',
      `${HEARTBEAT} 1000`,
      'new{region="x-monitor"} 3',
      'process_cpu_seconds_total 5',
    ]);
  });
});
