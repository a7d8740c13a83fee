import { describe, expect, it, test } from 'vitest';
import check from '../../checks/failover-complete.ts';
import type { Region } from '../../src/core/region.ts';
import { fakePorts } from '../support/ports.ts';
import { region } from '../support/region.ts';
import { runCheck, type Ran } from '../support/run-check.ts';
import {
  afterMove,
  INCOMPLETE,
  laggards,
  look,
  missing,
  needs,
  PROXY,
  said,
  service,
  whole,
  without,
  type Sight,
} from './takeovers.ts';

describe('failover-complete does not know', () => {
  it('of a part that nobody has looked at since, and says so once that is late', async () => {
    const early = await afterMove(60, { looked: 70 });
    expect(early.gaps).toEqual([]);
    expect(missing(early, 'http')).toBeUndefined();
    service.clock.advance(1);
    const late = await look({ ...whole('rc2', 61), looked: 71 });
    expect(late.gaps.map(({ subject }) => subject)).toEqual(['http', 'dns', 'proxy']);
    expect(late.alerts).toEqual([]);
    expect(laggards(late)).toBeUndefined();
  });

  it('one part, and counts the other that it knows to be late', async () => {
    await look(whole('rc1', 5000));
    service.clock.advance(71);
    const ran = await look({ ...without(whole('rc2', 61), 'proxy'), dns: [0] });
    expect(ran.alerts).toEqual(INCOMPLETE);
    expect(ran.gaps.map(({ subject }) => subject)).toEqual(['proxy']);
  });

  it('what is to blame for pages and loops while the database does not work', async () => {
    const ran = await afterMove(200, { serves: 0, state: 'no_database', rpc: [0], sql: 0 });
    expect(ran.alerts).toEqual([]);
    expect(ran.gaps.map(({ subject }) => subject)).toEqual(['http', 'rpc']);
  });

  it('whether the web server is new where it should say so and does not', async () => {
    const app = { statusPath: '/server-status' };
    await look(whole('rc1', 5000));
    service.clock.advance(71);
    const ran = await look(without(whole('rc2', 61), 'age'), { ...PROXY, app });
    expect(ran.gaps.map(({ subject }) => subject)).toEqual(['http']);
  });

  test.each<readonly [string, Sight]>([
    ['nobody shows who holds it', { holders: [] }],
    ['two hold it', { holders: ['rc1', 'rc2'], held: 5 }],
    ['it is not proven who does', { holders: ['rc2'] }],
  ])('anything while %s, and forgets nothing', async (_, sight) => {
    await look(whole('rc1', 5000));
    const before = service.memory;
    const ran = await look({ ...whole('rc2', 5), held: undefined as never, ...sight });
    expect(ran.gaps.map(({ failure }) => failure.code)).toEqual(['dependency']);
    expect(ran.values).toEqual({});
    expect(service.memory).toEqual(before);
  });

  it('in one look whether it has moved: it shows what works, and judges nobody', async () => {
    const ran = await look({ ...whole('rc2', 0), dns: [0], once: true });
    expect(ran.alerts).toEqual([]);
    expect(ran.gaps).toEqual([]);
    expect(missing(ran, 'dns')).toBe(1);
    expect(missing(ran, 'http')).toBe(0);
    expect(laggards(ran)).toBeUndefined();
    expect(said(ran)).toContain('one look cannot tell');
    expect(said(ran)).toContain('if it has moved: on rc2: sudo service bind9 restart');
  });
});

describe('failover-complete, where parts are not there', () => {
  it('does not wait for what is not configured', async () => {
    const bare = Object.fromEntries(
      Object.entries(region()).filter(([section]) => section !== 'dns'),
    ) as unknown as Region;
    const see = (sight: Sight): Promise<Ran> =>
      runCheck(check, bare, fakePorts(), {
        clock: service.clock,
        needs: needs(sight, service.clock.now()),
        memory: service.memory,
      });
    service.memory = (await see(whole('rc1', 5000))).memory;
    service.clock.advance(30);
    const ran = await see({
      holders: ['rc2'],
      held: 20,
      serves: 1,
      rpc: [1, 1, 1],
      clusters: { maas4: 1, maas5: 1 },
    });
    expect(ran.values).toHaveProperty('maasha_failover_completed_seconds{}', 20);
    expect(missing(ran, 'dns')).toBeUndefined();
    expect(missing(ran, 'proxy')).toBeUndefined();
  });

  it('of generation 2 names the services that are there', async () => {
    await look(whole('rc1', 5000), { ...PROXY, generation: 2 });
    service.clock.advance(200);
    const ran = await look(
      { ...whole('rc2', 190), serves: 0, state: 'closed', rpc: [1, 0] },
      { ...PROXY, generation: 2 },
    );
    expect(said(ran)).toContain('sudo service nginx restart');
    expect(said(ran)).toContain('sudo service maas-regiond restart');
  });

  it('does not exist where the address cannot move, or nothing shows who holds it', () => {
    const { name, vip, generation, maasUrl, nodes, trustedServers, rpc, clusters } = region();
    const bare = { name, vip, generation, maasUrl, nodes, trustedServers, rpc, clusters };
    expect(check.absence?.(bare)).toContain('who holds the virtual address');
    expect(check.absence?.(region({ nodes: nodes.slice(0, 1) }))).toContain('one node');
    expect(check.absence?.(region())).toBeUndefined();
  });
});
