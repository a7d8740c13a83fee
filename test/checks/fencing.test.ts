import { describe, expect, it } from 'vitest';
import fencing from '../../checks/fencing.ts';
import { CheckFailure } from '../../src/core/failure.ts';
import type { StreamPort } from '../../src/core/ports/exchange.ts';
import type { Fact } from '../../src/core/ports/facts.ts';
import type { Ports } from '../../src/core/ports/ports.ts';
import type { Row } from '../../src/core/ports/postgres.ts';
import type { Region } from '../../src/core/region.ts';
import { invoke } from '../../src/runtime/invoke.ts';
import { FakeClock } from '../support/clock.ts';
import { cluster, primary, standby } from '../support/postgres-answers.ts';
import { PASSWORD_WANTED } from '../support/postgres-login.ts';
import { FakeWorld } from '../support/world.ts';
import { facts, fenceReport, NOT_LET_IN, streams } from './healthy-answers.ts';
import { RC1, RC2, VIP, wholeRegion } from './healthy-region.ts';
import { advertising, healthyPorts, LOOPS } from './healthy.ts';

const clock = new FakeClock();

const look = (
  changes: Partial<Ports> = {},
  region: Region = wholeRegion(),
  more: { readonly memory?: unknown; readonly once?: boolean } = {},
) =>
  invoke(
    fencing,
    region,
    { trigger: 'cli', ...more },
    {
      clock,
      world: new FakeWorld(healthyPorts(changes)),
      signal: new AbortController().signal,
    },
  );

type Result = Awaited<ReturnType<typeof look>>;

const values = (result: Result, metric: string): Readonly<Record<string, number>> =>
  Object.fromEntries(
    result.observations
      .filter((each) => each.metric.name === metric)
      .map(({ labels, value }) => [labels['witness'] ?? labels['node'] ?? '', value]),
  );
const open = (result: Result) => values(result, 'maasha_fence_open');
const witnesses = (result: Result) => values(result, 'maasha_fence_witness');
const rules = (result: Result) => result.findings.map(({ rule }) => rule);

/** MAAS's sessions on rc1. */
const sessions = (...rows: readonly Row[]) => ({
  postgres: cluster({ ...primary(), sessions: rows }, standby()).port,
});
const session = (address: string | null, changes: Row = {}): Row => ({
  address,
  sessions: '2',
  idle: '1.5',
  hidden: 'false',
  ...changes,
});

const report = (text: string, more: Partial<Fact> = {}) => ({
  facts: facts({ 'what is pushed as fence-rc2': { text, ...more } }),
});
const saying = (value: number): string =>
  fenceReport({
    observations: [{ metric: 'maasha_fence_open', labels: { node: 'rc2' }, value }],
  });

/** Both regions answer from a database. */
const bothActive: Ports['http'] = {
  get: (url, options) => advertising(LOOPS).get(url.replace(RC2, RC1), options),
};
const deaf: Ports['http'] = {
  get: async (url, options) => {
    if (url.includes(RC2)) throw new CheckFailure('refused', 'nobody listens');
    return advertising(LOOPS).get(url, options);
  },
};

describe('the fence of the passive node', () => {
  it('holds where its report and its application say so; of the active node nothing is said', async () => {
    const result = await look();
    expect(result.state).toBe('ok');
    expect(open(result)).toEqual({ rc2: 0 });
    expect(witnesses(result)).toEqual({ report: 0, application: 0, sessions: 0 });
    expect(result.inapplicable.map(({ labels }) => labels)).toContainEqual({ node: 'rc1' });
  });

  it('is open where the node itself reached the database', async () => {
    const result = await look(report(saying(1)));
    expect(open(result)).toEqual({ rc2: 1 });
    expect(result.state).toBe('critical');
    expect(rules(result)).toEqual(['MaasHaFenceOpen']);
  });

  it('is open where its application works on a database', async () => {
    const result = await look({ http: bothActive });
    expect(open(result)).toEqual({ rc2: 1 });
    expect(witnesses(result)).toMatchObject({ application: 1 });
  });

  it('is open where a session comes from its address', async () => {
    const result = await look(sessions(session(RC2)), undefined, { once: true });
    expect(open(result)).toEqual({ rc2: 1 });
    expect(values(result, 'maasha_fence_sessions')).toEqual({ rc1: 0, rc2: 2 });
  });

  it('says nothing against sessions of the active node, and names those of strangers', async () => {
    const result = await look(sessions(session(RC1), session('10.9.8.7')), undefined, {
      once: true,
    });
    expect(open(result)).toEqual({ rc2: 0 });
    expect(JSON.stringify(result.evidence)).toContain('2 sessions of MAAS come from 10.9.8.7');
  });

  it.each([[null], ['127.0.0.1'], ['::1']])(
    'takes a session from %s for one of the server itself',
    async (address) => {
      const result = await look(sessions(session(address)), undefined, { once: true });
      expect(values(result, 'maasha_fence_sessions')).toEqual({ rc1: 2, rc2: 0 });
    },
  );

  it('is not known, which is said with what to do, where nobody can see it', async () => {
    const region = wholeRegion({ fencing: { role: 'maas', reports: {} } });
    const result = await look({ http: deaf }, region);
    expect(result.state).toBe('unknown');
    expect(open(result)).toEqual({});
    expect(result.gaps[0]?.failure.code).toBe('config');
    expect(result.gaps[0]?.failure.message).toContain('fencing.reports.rc2');
  });

  it('is not proven closed by the mere absence of sessions', async () => {
    const result = await look({ http: deaf, ...report('', { at: 0 }) });
    expect(witnesses(result)).toEqual({ sessions: 0 });
    expect(open(result)).toEqual({});
  });
});

describe('a takeover', () => {
  it('is no open fence: who held the address before and after decides', async () => {
    let asked = 0;
    const moving: Ports['http'] = {
      get: (url, options) => {
        if (!url.includes('/node')) return bothActive.get(url, options);
        asked += 1;
        return advertising(LOOPS).get(asked > 1 ? url.replace(VIP, RC2) : url, options);
      },
    };
    const result = await look({ http: moving, dns: silentDns }, wholeRegion());
    expect(open(result)).toEqual({});
    expect(result.gaps.map(({ subject }) => subject)).toContain('vip');
  });

  it('leaves sessions behind that prove nothing until they do something', async () => {
    const old = sessions(session(RC2, { idle: '40' }));
    const first = await look(old);
    expect(open(first)).toEqual({ rc2: 0 });
    clock.advance(60);
    const later = await look(sessions(session(RC2, { idle: '100' })), undefined, {
      memory: first.memory,
    });
    expect(open(later)).toEqual({ rc2: 0 });
    const used = await look(old, undefined, { memory: later.memory });
    expect(open(used)).toEqual({ rc2: 1 });
  });

  it('does not hide a session that works right now', async () => {
    expect(open(await look(sessions(session(RC2, { idle: '0' }))))).toEqual({ rc2: 1 });
  });
});

const silentDns: Ports['dns'] = {
  query: async () => {
    throw new CheckFailure('timeout', 'no answer');
  },
  transfer: async () => {
    throw new CheckFailure('timeout', 'no answer');
  },
};

const without = (...sections: readonly (keyof Region)[]): Region =>
  Object.fromEntries(
    Object.entries(wholeRegion()).filter(([key]) => !sections.includes(key as keyof Region)),
  ) as unknown as Region;

describe('who is active', () => {
  it('is asked of pgpool where neither marker nor DNS tells', async () => {
    const result = await look({ dns: silentDns }, without('marker'));
    expect(open(result)).toEqual({ rc2: 0 });
  });

  it('must be told by something', async () => {
    const result = await look({}, without('marker', 'dns', 'pgpool'));
    expect(result.gaps[0]?.failure).toMatchObject({ code: 'config' });
    expect(open(result)).toEqual({});
  });
});

describe('a report', () => {
  it('that is old is no witness, and is an alert', async () => {
    const at = clock.now() / 1000 - 400;
    const result = await look(report(saying(1), { at }));
    expect(witnesses(result)).not.toHaveProperty('report');
    expect(rules(result)).toEqual(['MaasHaFenceReportStale']);
    expect(values(result, 'maasha_fence_report_age_seconds')['rc2']).toBeCloseTo(400, 0);
  });

  it.each([
    ['that never came', facts({})],
    ['that is none', facts({ 'what is pushed as fence-rc2': { text: 'hello' } })],
  ])('%s is unknown', async (_, port) => {
    const result = await look({ facts: port });
    expect(result.state).toBe('unknown');
    expect(result.gaps.map(({ subject }) => subject)).toContain('rc2');
    expect(open(result)).toEqual({ rc2: 0 });
  });
});

describe("pgpool's own line", () => {
  const asking = () => {
    const asked: string[] = [];
    const stream: StreamPort = {
      talk: (to, dialogue, limit) => {
        asked.push(to.host);
        return streams({ PostgreSQL: to.host === RC2 ? PASSWORD_WANTED : NOT_LET_IN }).talk(
          to,
          dialogue,
          limit,
        );
      },
    };
    return { asked, stream };
  };

  it('is open where the monitor would be asked for the password, which is no alarm', async () => {
    const result = await look({ stream: asking().stream });
    expect(values(result, 'maasha_fence_pool_hba_open')).toEqual({ rc1: 0, rc2: 1 });
    expect(rules(result)).toEqual(['MaasHaFenceHbaOpen']);
    expect(result.state).toBe('ok');
  });

  it('is asked again only after ten minutes, and shown all the time', async () => {
    const { asked, stream } = asking();
    const first = await look({ stream });
    clock.advance(599);
    const second = await look({ stream }, undefined, { memory: first.memory });
    expect(asked).toHaveLength(2);
    expect(values(second, 'maasha_fence_pool_hba_open')).toEqual({ rc1: 0, rc2: 1 });
    clock.advance(2);
    await look({ stream }, undefined, { memory: second.memory });
    expect(asked).toHaveLength(4);
  });
});

describe('sessions that are withheld', () => {
  it('are skipped, and say where to read what to do', async () => {
    const hidden = session(null, { hidden: 'true', idle: '0' });
    const result = await look(sessions(hidden));
    expect(result.skips).toMatchObject([{ subject: 'rc1', code: 'no_privilege' }]);
    expect(open(result)).toEqual({ rc2: 0 });
    expect(values(result, 'maasha_fence_sessions')).toEqual({});
  });
});
