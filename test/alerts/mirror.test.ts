import { describe, expect, it } from 'vitest';
import { catalogueOf } from '../../alerts/catalogue.ts';
import { mirrored } from '../../alerts/mirror.ts';
import type { Severity } from '../../src/core/rule.ts';
import { WATCHES } from './house.ts';
import { BEGIN, database, down, isolated, node, region, up, vip, type Test } from './stepping.ts';

const shown = (on: Test) => mirrored(on.state(), on.now(), ({ summary }) => ({ summary }));
const named = (on: Test) =>
  shown(on).map(({ rule, endsAt }) => `${rule.slice(6)}${endsAt === undefined ? '' : ' over'}`);

describe('a mirror', () => {
  it('is shown what is visible, with its labels, its beginning and what is said of it', () => {
    const on = region();
    for (let time = 0; time < 3; time++) on.see('net', node(1));
    expect(shown(on)).toEqual([
      {
        region: 'maas3',
        rule: 'MaasHaNode',
        severity: 'warning',
        labels: { node: 'a' },
        startsAt: BEGIN + 30_000,
        annotations: { summary: 'Node of a is 1' },
      },
    ]);
  });

  it('is not shown what is pending, held, silenced or in maintenance', () => {
    const on = region();
    on.see('net', vip(1), node(0));
    expect(shown(on)).toEqual([]);
    for (let time = 0; time < 3; time++) on.see('db', database(1));
    expect(on.alert('Database')?.visibility.is).toBe('held');
    expect(shown(on)).toEqual([]);
    on.silence({ is: 'silenced', id: 's', rule: 'MaasHaVip' });
    on.see('net', vip(1));
    expect(named(on)).not.toContain('Vip');
    on.silence({ is: 'maintenance', id: 'm', rule: 'MaasHaVip' });
    on.feed({ is: 'tick' });
    expect(named(on)).not.toContain('Vip');
  });

  it('is shown roots before what they explain', () => {
    const on = region();
    down(on);
    for (let time = 0; time < 3; time++) on.see('net', isolated(1));
    expect(named(on)).toEqual(['MonitorIsolated', 'Vip']);
  });

  it('is shown no end while it recovers, then the true end for a quarter of an hour', () => {
    const on = region();
    down(on);
    up(on, 3);
    expect(named(on)).toEqual(['Vip']);
    up(on, 5);
    expect(shown(on)).toMatchObject([{ startsAt: BEGIN + 20_000, endsAt: BEGIN + 30_000 }]);
    on.wait(885);
    expect(named(on)).toEqual(['Vip over']);
    on.wait(10);
    expect(named(on)).toEqual([]);
  });

  it('is shown the end although it was silenced meanwhile, but not of what it never saw', () => {
    const seen = region();
    down(seen);
    seen.silence({ is: 'silenced', id: 's', rule: 'MaasHaVip' });
    up(seen);
    expect(named(seen)).toEqual(['Vip over']);
    const unseen = region();
    unseen.silence({ is: 'silenced', id: 's', rule: 'MaasHaVip' });
    down(unseen);
    up(unseen);
    expect(named(unseen)).toEqual([]);
  });

  it('is never told of an end when what it is about has left the configuration', () => {
    const on = region();
    for (let time = 0; time < 3; time++) on.see('net', node(1));
    on.feed({ is: 'configured', names: { node: ['b'] } });
    expect(shown(on)).toEqual([]);
  });

  it('is still shown what nobody can see any more, and that it is so', () => {
    const on = region();
    down(on);
    for (let time = 0; time < 6; time++) on.fail('net');
    expect(shown(on)).toMatchObject([
      { rule: 'MaasHaVip', annotations: { stale: expect.stringContaining('net') as string } },
    ]);
    expect(shown(on)[0]).not.toHaveProperty('endsAt');
  });
});

describe('to a mirror, a step of severity', () => {
  const graded = (severity: Severity) =>
    catalogueOf(
      WATCHES.map((watch) => ({
        ...watch,
        rules: watch.rules.map((each) =>
          each.name === 'MaasHaVip' ? { ...each, severity } : each,
        ),
      })),
    );
  const facts = (on: Test) =>
    shown(on).map(({ severity, startsAt, endsAt }) => [
      severity,
      (startsAt - BEGIN) / 1000,
      endsAt === undefined ? 'on' : (endsAt - BEGIN) / 1000,
    ]);
  const step = (on: Test, severity: Severity): void => {
    on.use(graded(severity));
    on.see('net', vip(1));
  };

  it('ends one alert and begins another', () => {
    const on = region();
    down(on);
    step(on, 'warning');
    expect(facts(on)).toEqual([
      ['warning', 30, 'on'],
      ['critical', 20, 30],
    ]);
  });

  it('back again leaves no end of what goes on', () => {
    const on = region();
    down(on);
    step(on, 'warning');
    step(on, 'critical');
    expect(facts(on)).toEqual([
      ['critical', 40, 'on'],
      ['warning', 30, 40],
    ]);
  });

  it('is forgotten a quarter of an hour later', () => {
    const on = region();
    down(on);
    step(on, 'warning');
    on.wait(901);
    expect(facts(on)).toEqual([['warning', 30, 'on']]);
  });

  it('after its end leaves the end where it was', () => {
    const on = region();
    down(on);
    up(on);
    on.use(graded('warning'));
    on.see('net', vip(0));
    expect(facts(on)).toContainEqual(['critical', 20, 30]);
    expect(facts(on).every(([, , end]) => end !== 'on')).toBe(true);
  });
});
