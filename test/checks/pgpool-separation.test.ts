import { describe, expect, it } from 'vitest';
import check from '../../checks/pgpool-watchdog.ts';
import { countOf, follow, type Separations } from '../../src/analysis/pgpool/separation.ts';
import type { WatchdogState } from '../../src/core/ports/pcp.ts';
import { instant, seconds } from '../../src/core/time.ts';
import { pcp } from './healthy.ts';
import { FakeClock } from '../support/clock.ts';
import { fails, healthy, said, view, type Name, type Told } from '../support/pgpool.ts';
import { fakePorts } from '../support/ports.ts';
import { region } from '../support/region.ts';
import { runCheck, type Ran } from '../support/run-check.ts';

type Pair = Readonly<Record<Name, Told>>;

/** What each node says of both, itself first. */
const seeing = (
  rc1: readonly [self: WatchdogState, other: WatchdogState],
  rc2: readonly [self: WatchdogState, other: WatchdogState],
): Pair => ({
  rc1: { ...healthy.rc1, watchdog: view('rc1', { rc1: rc1[0], rc2: rc1[1] }) },
  rc2: { ...healthy.rc2, watchdog: view('rc2', { rc1: rc2[1], rc2: rc2[0] }) },
});

const WHOLE = seeing(['leader', 'standby'], ['standby', 'leader']);
/** The stages that a cut of the heartbeats went through in the lab, second by second from its dead time on. */
const JOINING = seeing(['leader', 'joining'], ['joining', 'loading']);
const LOST = seeing(['leader', 'lost'], ['initializing', 'lost']);
const DOUBLE = seeing(['leader', 'lost'], ['leader', 'lost']);
const RESIGNED = seeing(['leader', 'initializing'], ['initializing', 'leader']);
/** A pgpool lets nobody into PCP before it has joined. */
const RESTARTED: Pair = {
  rc1: seeing(['leader', 'initializing'], ['standby', 'leader']).rc1,
  rc2: { ...healthy.rc2, login: fails('refused') },
};
const STOPPED: Pair = {
  ...RESTARTED,
  rc1: seeing(['leader', 'shutdown'], ['standby', 'leader']).rc1,
};

const METRIC = 'maasha_pgpool_watchdog_separations{}';
const UNSTABLE = 'MaasHaWatchdogHeartbeatUnstable';

/** Looks every 10 s, as the service does, each time with what the look before remembered. */
async function watch(...looks: readonly Pair[]): Promise<readonly Ran[]> {
  const clock = new FakeClock();
  const runs: Ran[] = [];
  for (const told of looks) {
    const memory: unknown = JSON.parse(JSON.stringify(runs.at(-1)?.memory ?? null));
    runs.push(await runCheck(check, region(), fakePorts({ pcp: pcp(told) }), { clock, memory }));
    clock.advance(seconds(10));
  }
  return runs;
}

const last = async (...looks: readonly Pair[]): Promise<Ran> => (await watch(...looks)).at(-1)!;

describe('watchdogs that gave each other up', () => {
  it.each([
    ['only while they join anew', [JOINING]],
    ['only while they have lost each other', [LOST]],
    ['only while both lead', [DOUBLE]],
    ['only while one resigns', [RESIGNED]],
    ['all the way', [JOINING, LOST, DOUBLE, RESIGNED]],
  ])('and found each other again are told: seen %s', async (_, between) => {
    const ran = await last(WHOLE, ...between, WHOLE);
    expect(ran.values[METRIC]).toBe(1);
    expect(ran.alerts).toEqual([UNSTABLE]);
    expect(said(ran)).toContain('that is what lost heartbeats look like');
    expect(said(ran)).toContain('whether they flow now is not seen from outside');
  });

  it('are told at once while it lasts', async () => {
    const ran = await last(WHOLE, LOST);
    expect(ran.values[METRIC]).toBe(1);
    expect(said(ran)).toContain('every pgpool runs and answers');
  });

  it('are counted', async () => {
    const ran = await last(WHOLE, LOST, WHOLE, WHOLE, JOINING, WHOLE);
    expect(ran.values[METRIC]).toBe(2);
  });

  it('for longer are told as what they are: a lost peer, or two leaders', async () => {
    const runs = await watch(WHOLE, ...Array.from({ length: 8 }, () => DOUBLE), WHOLE);
    expect(runs.map(({ values }) => values[METRIC])).toEqual([0, 1, 1, 1, 1, 1, 0, 0, 0, 0]);
    expect(runs[8]?.alerts).toContain('MaasHaWatchdogTwoLeaders');
  });

  it('are not those of which one was stopped, restarted or frozen', async () => {
    for (const restart of [
      [RESTARTED],
      [STOPPED],
      [STOPPED, RESTARTED],
      [RESTARTED, RESIGNED],
      [{ ...WHOLE, rc1: { ...WHOLE.rc1, login: fails('timeout') } }, DOUBLE],
    ]) {
      const ran = await last(WHOLE, ...restart, WHOLE);
      expect(ran.values[METRIC]).toBe(0);
      expect(ran.alerts).toEqual([]);
    }
  });

  it('are not those of which one says itself why it takes no part', async () => {
    for (const own of ['network_trouble', 'shutdown', 'isolated', 'lost'] as const) {
      const ran = await last(WHOLE, seeing(['leader', 'lost'], [own, 'lost']), WHOLE);
      expect(ran.values[METRIC]).toBe(0);
    }
  });

  it('show in a single look only while it lasts, and no single look can deny it', async () => {
    const once = (told: Pair): Promise<Ran> =>
      runCheck(check, region(), fakePorts({ pcp: pcp(told) }), { once: true });
    expect((await once(LOST)).alerts).toContain(UNSTABLE);
    expect((await once(WHOLE)).values).not.toHaveProperty(METRIC);
  });
});

describe('the history of separations', () => {
  const at = (second: number) => instant(1_795_000_000_000 + second * 1000);
  const begun: Separations = { wholeAt: at(0), brief: [] };

  it('forgets after an hour', () => {
    const one = follow(follow(begun, 'apart', at(10)), 'whole', at(20));
    expect(countOf(one, at(20))).toBe(1);
    expect(countOf(follow(one, 'whole', at(3610)), at(3610))).toBe(1);
    expect(countOf(follow(one, 'whole', at(3611)), at(3611))).toBe(0);
  });

  it('survives a look that could not see all', () => {
    const one = follow(follow(begun, 'apart', at(10)), undefined, at(20));
    expect(countOf(follow(one, 'whole', at(30)), at(30))).toBe(1);
  });

  it('does not begin with what was whole too long ago, or in the future', () => {
    expect(countOf(follow(begun, 'apart', at(46)), at(46))).toBe(0);
    expect(countOf(follow(begun, 'apart', at(-5)), at(-5))).toBe(0);
    const ahead: Separations = { wholeAt: at(0), brief: [at(500)] };
    expect(countOf(follow(ahead, 'whole', at(10)), at(10))).toBe(0);
  });
});
