import { describe, expect, it, test } from 'vitest';
import {
  expired,
  quietsAt,
  silenceProblem,
  windowProblems,
  type Silence,
} from '../../alerts/quiet.ts';
import type { Window } from '../../alerts/windows.ts';
import { instant } from '../../src/core/time.ts';
import { CATALOGUE } from './house.ts';
import { BEGIN, double, down, isolated, region, up, vip, type Test } from './stepping.ts';

const NOW = instant(BEGIN);
const HOUR = 3600;
const DAY = 24 * HOUR;
const later = (time: number) => instant(BEGIN + time * 1000);

const silence = (length: number, scope: Partial<Silence> = {}): Silence => ({
  id: 's',
  by: 'ann',
  reason: 'replaces the disk',
  created: NOW,
  until: later(length),
  ...scope,
});

describe('a silence', () => {
  test.each([
    ['a critical alert for a day', DAY, { rule: 'MaasHaVip' }],
    ['a warning for a week', 7 * DAY, { rule: 'MaasHaNode' }],
    ['something minor for a month', 30 * DAY, { rule: 'MaasHaOdd' }],
    ['one node for a day', DAY, { labels: { node: 'a' } }],
    ['everything for a day', DAY, {}],
    ['what may be doubled for an hour', HOUR, { rule: 'MaasHaDouble' }],
    ['any episode for an hour', HOUR, { episode: 'e1' }],
    ['the episode of a warning for a week', 7 * DAY, { episode: 'e1', rule: 'MaasHaNode' }],
  ])('may hide %s, and not a second longer', (_, length, scope) => {
    expect(silenceProblem(silence(length, scope), CATALOGUE, NOW)).toBeUndefined();
    expect(silenceProblem(silence(length + 1, scope), CATALOGUE, NOW)).toMatch(
      /^it lasts .+; what hides MaasHa\w+ may last (1h|1d|7d|30d) at most$/,
    );
  });

  test.each([
    ['an author', { by: ' ' }, 'a silence needs its author'],
    ['a reason', { reason: '' }, 'a silence needs a reason: whoever finds it must know why'],
    ['a length', { until: NOW }, 'the silence would be over before it begins'],
    ['an end', { until: instant(NaN) }, 'the silence would be over before it begins'],
    ['a rule that there is', { rule: 'MaasHaVpi' }, 'no alert is named MaasHaVpi'],
    [
      'labels that its rule has',
      { rule: 'MaasHaVip', labels: { node: 'a' } },
      'it would hide nothing: MaasHaVip has no alerts with the labels node',
    ],
    [
      'labels that some rule has',
      { labels: { nod: 'a' } },
      'it would hide nothing: no rule has no alerts with the labels nod',
    ],
  ])('needs %s', (_, changes, problem) => {
    expect(silenceProblem(silence(60, changes), CATALOGUE, NOW)).toBe(problem);
  });

  it('says its end a quarter of an hour before, or half its length', () => {
    const warnings = [silence(DAY), silence(600)].map(
      (each) => quietsAt([each], [], 'maas3', NOW)[0]?.warnFrom,
    );
    expect(warnings).toEqual([later(DAY - 900), later(300)]);
  });

  it('is in force up to its end, in its own region only', () => {
    const one = silence(600, { region: 'maas3', rule: 'MaasHaVip', labels: {}, episode: 'e1' });
    expect(quietsAt([one], [], 'maas3', later(599))).toMatchObject([
      { is: 'silenced', id: 's', rule: 'MaasHaVip', labels: {}, episode: 'e1', until: one.until },
    ]);
    expect(quietsAt([one], [], 'maas4', later(599))).toEqual([]);
    expect(quietsAt([one], [], 'maas3', later(600))).toEqual([]);
    expect(quietsAt([silence(600)], [], 'maas4', later(599))).toHaveLength(1);
  });
});

describe('a silence of an episode', () => {
  const hushed = (): Test => {
    const on = region();
    down(on);
    on.silence(...quietsAt([silence(HOUR, { episode: 'e1' })], [], 'maas3', on.now().wall));
    on.feed({ is: 'tick' });
    return on;
  };

  it('hides it and no other, even what is grave', () => {
    const on = hushed();
    expect(on.last()).toMatchObject({ kind: 'mute', episode: { id: 'e1' } });
    on.see('data', double(1));
    on.see('data', double(1));
    expect(on.last()).toMatchObject({ kind: 'open', rule: 'MaasHaDouble' });
  });

  it('is of no effect on the next one, and is expired then', () => {
    const on = hushed();
    up(on);
    const ofIt = silence(HOUR, { episode: 'e1' });
    expect(expired([ofIt], on.now().wall, [on.state()])).toEqual([]);
    up(on, 95);
    expect(expired([ofIt], on.now().wall, [on.state()])).toEqual([ofIt]);
    expect(expired([ofIt], on.now().wall)).toEqual([]);
    down(on);
    expect(on.last()).toMatchObject({ kind: 'open', episode: { id: 'e2' } });
  });
});

it('a silence that is over is expired', () => {
  const [old, young] = [silence(60), silence(61)];
  expect(expired([old, young], later(60))).toEqual([old]);
});

describe('the end of a silence', () => {
  const until = (time: number, scope: Partial<Silence> = { rule: 'MaasHaVip' }) => {
    const on = region();
    const mine = silence(time, scope);
    const refresh = (...more: readonly Silence[]): void => {
      on.silence(...quietsAt([mine, ...more], [], 'maas3', on.now().wall));
    };
    refresh();
    return { on, refresh };
  };
  const wait = ({ on, refresh }: ReturnType<typeof until>, minutes: number): void => {
    for (let minute = 0; minute < minutes; minute++) {
      on.wait(60);
      refresh();
      on.feed({ is: 'tick' });
    }
  };
  const warnings = ({ on }: ReturnType<typeof until>) =>
    on.all.filter(({ kind }) => kind === 'expiring');

  it('is announced once for an alert that still stands, although nobody was ever told of it', () => {
    const test = until(HOUR);
    down(test.on);
    wait(test, 44);
    expect(warnings(test)).toEqual([]);
    wait(test, 14);
    expect(warnings(test)).toMatchObject([
      { rule: 'MaasHaVip', reason: 'its silence ends soon', told: false, episode: { id: 'e1' } },
    ]);
    wait(test, 2);
    expect(test.on.last()).toMatchObject({ kind: 'open', reason: 'no longer silenced' });
  });

  it('is not announced for what is about to end, or has ended', () => {
    const test = until(600);
    down(test.on);
    test.on.see('net', vip(0));
    wait(test, 12);
    expect(warnings(test)).toEqual([]);
  });

  it('is not announced while a longer one goes on', () => {
    const test = until(600);
    down(test.on);
    const longer = silence(HOUR, { id: 'longer', rule: 'MaasHaVip' });
    const both = {
      on: test.on,
      refresh: () => {
        test.refresh(longer);
      },
    };
    both.refresh();
    wait(both, 40);
    expect(warnings(test)).toEqual([]);
    wait(both, 10);
    expect(warnings(test)).toHaveLength(1);
  });

  it('is not announced for what is explained and stays so', () => {
    const test = until(600);
    down(test.on);
    for (let time = 0; time < 3; time++) test.on.see('net', isolated(1));
    wait(test, 12);
    expect(warnings(test)).toEqual([]);
    expect(test.on.said()).toContain('fold Vip');
  });

  it('is announced again after a restart only if it was not before', () => {
    const test = until(HOUR);
    down(test.on);
    wait(test, 50);
    test.on.restart(60);
    wait(test, 5);
    expect(warnings(test)).toHaveLength(1);
  });
});

describe('what may be doubled', () => {
  it('is not hidden by a silence or a window of everything', () => {
    const on = region();
    const all: Window = { name: 'all', from: '1970-01-01 00:00', to: '1970-01-02 00:00' };
    on.silence(...quietsAt([silence(DAY)], [all], 'maas3', NOW));
    for (let time = 0; time < 2; time++) {
      on.see('data', double(1));
      on.see('net', vip(1));
    }
    expect(on.said()).toContain('open Double');
    expect(on.said()).toContain('mute Vip');
  });

  it('is hidden by what names it', () => {
    const on = region();
    on.silence(...quietsAt([silence(HOUR, { rule: 'MaasHaDouble' })], [], 'maas3', NOW));
    on.see('data', double(1));
    on.see('data', double(1));
    expect(on.last()?.kind).toBe('mute');
  });
});

describe('a maintenance window', () => {
  const window: Window = { name: 'disk', from: '1970-01-01 00:00', to: '1970-01-01 01:00' };

  it('is quiet for each of its rules, in its own region only', () => {
    const two: Window = {
      ...window,
      rules: ['MaasHaNode', 'MaasHaLag'],
      labels: { node: 'a' },
      region: 'maas3',
    };
    const facts = {
      is: 'maintenance',
      id: 'disk',
      until: instant(3_600_000),
      labels: { node: 'a' },
    };
    expect(quietsAt([], [two], 'maas3', NOW)).toEqual([
      { ...facts, rule: 'MaasHaNode' },
      { ...facts, rule: 'MaasHaLag' },
    ]);
    expect(quietsAt([], [two], 'maas4', NOW)).toEqual([]);
    expect(quietsAt([], [two], 'maas3', instant(3_600_000))).toEqual([]);
  });

  it('comes before a silence, and its end is not announced', () => {
    const on = region();
    on.silence(...quietsAt([silence(600)], [window], 'maas3', NOW));
    down(on);
    on.wait(500);
    on.feed({ is: 'tick' });
    expect(on.alert('Vip')?.visibility).toEqual({ is: 'maintenance', id: 'disk' });
    expect(on.said()).not.toContain('expiring Vip');
  });

  test.each([
    ['nothing', window, []],
    ['its missing name', { ...window, name: '' }, ['a maintenance window needs a name']],
    ['its zone', { ...window, zone: 'Berlin' }, ['"Berlin" is no time zone: write Europe/Berlin']],
    ['its times', { ...window, to: 'x' }, ['"x" is no date and time: write 2026-11-24 22:00']],
    ['a rule that is none', { ...window, rules: ['MaasHaVpi'] }, ['no alert is named MaasHaVpi']],
    [
      'labels that fit nothing',
      { ...window, rules: ['MaasHaVip'], labels: { node: 'a' } },
      ['it would hide nothing: MaasHaVip has no alerts with the labels node'],
    ],
    [
      'what it hides for too long',
      { ...window, to: '1970-01-01 02:00', rules: ['MaasHaVip', 'MaasHaDouble'] },
      ['it lasts 2h; what hides MaasHaDouble may last 1h at most'],
    ],
  ])('says what is wrong with it: %s', (_, wrong, problems) => {
    expect(windowProblems(wrong, CATALOGUE)).toEqual(problems);
  });
});

it('an extension is a silence of its own, with its own author and its own limit', () => {
  const first = silence(DAY, { rule: 'MaasHaVip' });
  const more = {
    ...first,
    id: 't',
    by: 'bob',
    created: later(DAY - 60),
    until: later(2 * DAY - 60),
  };
  expect(silenceProblem(more, CATALOGUE, more.created)).toBeUndefined();
  const stretched = { ...first, until: more.until };
  expect(silenceProblem(stretched, CATALOGUE, more.created)).toContain('1d at most');
});
