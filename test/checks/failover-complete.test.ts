import { describe, expect, it, test } from 'vitest';
import {
  afterMove,
  INCOMPLETE,
  laggards,
  look,
  missing,
  said,
  service,
  whole,
  without,
  type Sight,
} from './takeovers.ts';

describe('failover-complete', () => {
  it('says nothing against anybody while no move was seen, whatever the parts are like', async () => {
    for (const sight of [
      whole('rc1', 5000),
      { ...whole('rc1', 5000), serves: 0, state: 'closed', dns: [0] } as const,
    ]) {
      const ran = await look(sight);
      expect(ran.alerts).toEqual([]);
      expect(ran.gaps).toEqual([]);
      expect(ran.values).toEqual({
        ...Object.fromEntries(
          ['http', 'dns', 'proxy', 'rpc', 'clusters'].map((part) => [
            `maasha_failover_part_missing{part="${part}"}`,
            0,
          ]),
        ),
        'maasha_failover_laggards{}': 0,
      });
    }
  });

  it('tells how long it took until all had followed, and goes on telling it', async () => {
    const first = await afterMove(20, { dns: [0] });
    expect(first.alerts).toEqual([]);
    expect(first.values).not.toHaveProperty('maasha_failover_completed_seconds{}');
    service.clock.advance(15);
    const done = await look(whole('rc2', 35));
    expect(done.values).toMatchObject({
      'maasha_failover_completed_seconds{}': 35,
      'maasha_failover_laggards{}': 0,
    });
    service.clock.advance(3600);
    const later = await look({ ...whole('rc2', 3635), dns: [0] });
    expect(later.values).toMatchObject({ 'maasha_failover_completed_seconds{}': 35 });
    expect(later.alerts).toEqual([]);
    expect(said(later)).toContain('moved from rc1 to rc2 1h ago');
  });

  test.each<readonly [string, number, Partial<Sight>, string]>([
    ['http', 60, { serves: 0, state: 'closed' }, 'on rc2: sudo service apache2 restart'],
    ['http', 60, { serves: 0, state: 'no_backend' }, 'on rc2: sudo service maas-regiond restart'],
    ['http', 60, { age: 5000 }, 'nobody restarted it; on rc2: sudo service apache2 restart'],
    ['dns', 60, { dns: [0] }, 'on rc2: sudo service bind9 restart'],
    ['dns', 60, { dns: [1, 'rc1'] }, 'DNS is answered there by rc1; on rc2'],
    ['proxy', 60, { proxy: 'closed' }, 'port 8000 is closed; on rc2: sudo service maas-proxy'],
    ['proxy', 60, { proxy: 'hangs' }, 'port 8000 is hangs'],
    ['rpc', 120, { rpc: [0] }, 'on rc2: sudo service apache2 restart'],
    ['rpc', 120, { rpc: [1, 0] }, 'no event loop of rc2 is advertised'],
    ['rpc', 120, { rpc: [1, 1, 0] }, 'an event loop of rc2 does not answer'],
    ['clusters', 180, { clusters: { maas4: 1, maas5: 0 } }, 'maas5 did not come back; once'],
  ])(
    'gives %s its %i s, and then names it with its repair: %o',
    async (part, limit, sight, says) => {
      const early = await afterMove(limit, sight);
      expect(missing(early, part)).toBe(1);
      expect(early.alerts).toEqual([]);
      service.clock.advance(1);
      const late = await look({ ...whole('rc2', limit + 1), ...sight });
      expect(laggards(late)).toBe(1);
      expect(late.alerts).toEqual(INCOMPLETE);
      expect(said(late)).toContain(`${part} has not followed: `);
      expect(said(late)).toContain(says);
    },
  );

  it('counts all parts that a silent hook left behind in one alert', async () => {
    const ran = await afterMove(61, { dns: [0], proxy: 'closed', age: 5000 });
    expect(ran.alerts).toEqual(INCOMPLETE);
    expect(laggards(ran)).toBe(3);
  });

  it('ends the alert when the last one has followed', async () => {
    await afterMove(61, { dns: [0] });
    service.clock.advance(30);
    const ran = await look(whole('rc2', 91));
    expect(ran.alerts).toEqual([]);
    expect(laggards(ran)).toBe(0);
  });

  it('does not take for a laggard what had followed and fails later', async () => {
    await afterMove(20, { dns: [0] });
    service.clock.advance(100);
    const ran = await look({ ...whole('rc2', 120), proxy: 'closed', dns: [0] });
    expect(missing(ran, 'proxy')).toBe(0);
    expect(laggards(ran)).toBe(1);
  });

  it('begins anew when the address moves on before all had followed', async () => {
    await afterMove(61, { dns: [0] });
    service.clock.advance(10);
    const ran = await look({ ...whole('rc1', 5), dns: [0] });
    expect(ran.alerts).toEqual([]);
    expect(missing(ran, 'dns')).toBe(1);
    expect(said(ran)).toContain('moved from rc2 to rc1 5s ago');
  });

  it('takes a web server for restarted that is up to a minute older than the move', async () => {
    expect(missing(await afterMove(61, { age: 61 + 10 + 60 }), 'http')).toBe(0);
  });

  it('takes one for restarted that started while nobody looked', async () => {
    await look(whole('rc1', 5000));
    service.clock.advance(3600);
    // The monitor was stopped for an hour; it moved and was restarted half an hour ago.
    expect(missing(await look({ ...whole('rc2', 0), age: 1800 }), 'http')).toBe(0);
  });

  it('wants a cluster back only if it was there before, and if its host is there now', async () => {
    await look({ ...whole('rc1', 5000), clusters: { maas4: 1, maas5: 0, maas6: 1 } });
    service.clock.advance(200);
    const ran = await look({
      ...whole('rc2', 190),
      clusters: { maas4: 1, maas5: 0, maas6: 0 },
      unreachable: ['maas6'],
    });
    expect(missing(ran, 'clusters')).toBe(0);
    expect(ran.values).toHaveProperty('maasha_failover_completed_seconds{}');
  });

  it('goes on knowing a cluster that could not be asked about just before the move', async () => {
    await look(whole('rc1', 5000));
    await look(without(whole('rc1', 5010), 'clusters'));
    service.clock.advance(200);
    const ran = await look({ ...whole('rc2', 190), clusters: { maas4: 1, maas5: 0 } });
    expect(missing(ran, 'clusters')).toBe(1);
  });
});
