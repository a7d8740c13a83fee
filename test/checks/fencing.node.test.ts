import { describe, expect, it } from 'vitest';
import fencing from '../../checks/fencing.ts';
import { CheckFailure } from '../../src/core/failure.ts';
import type { StreamPort } from '../../src/core/ports/exchange.ts';
import type { Ports } from '../../src/core/ports/ports.ts';
import type { Region } from '../../src/core/region.ts';
import { seconds } from '../../src/core/time.ts';
import { invoke } from '../../src/runtime/invoke.ts';
import { FakeClock } from '../support/clock.ts';
import { PASSWORD_WANTED } from '../support/postgres-login.ts';
import { FakeWorld } from '../support/world.ts';
import { NOT_LET_IN, streams } from './healthy-answers.ts';
import { RC1, VIP, wholeRegion } from './healthy-region.ts';
import { healthyPorts } from './healthy.ts';

const clock = new FakeClock();

const look = (changes: Partial<Ports>, region: Region) =>
  invoke(
    fencing,
    region,
    { trigger: 'cli' },
    {
      clock,
      world: new FakeWorld(healthyPorts(changes)),
      signal: new AbortController().signal,
    },
  );

const open = (result: Awaited<ReturnType<typeof look>>): Readonly<Record<string, number>> =>
  Object.fromEntries(result.observations.map(({ labels, value }) => [labels['node'] ?? '', value]));

describe('on the node itself', () => {
  const on = (node: string, active: boolean): Region =>
    wholeRegion({ fencing: { role: 'maas', reports: {}, self: { node, active } } });
  const meeting = (...answers: (Uint8Array | CheckFailure)[]) => {
    const asked: string[] = [];
    const stream: StreamPort = {
      talk: async (to, dialogue, limit) => {
        const answer = answers[Math.min(asked.length, answers.length - 1)] ?? NOT_LET_IN;
        asked.push(`${to.host}:${to.port}`);
        if (answer instanceof CheckFailure) throw answer;
        return streams({ PostgreSQL: answer }).talk(to, dialogue, limit);
      },
    };
    return { asked, stream };
  };

  it('the way of the application is tried: the virtual address and the peer, by pgpool', async () => {
    const { asked, stream } = meeting(new CheckFailure('refused', 'reset'));
    const result = await look({ stream }, on('rc2', false));
    expect(asked).toEqual([`${VIP}:9999`, `${RC1}:9999`]);
    expect(open(result)).toEqual({ rc2: 0 });
  });

  it('the active one tries nothing', async () => {
    const { asked, stream } = meeting();
    const result = await look({ stream }, on('rc1', true));
    expect(asked).toEqual([]);
    expect(result.inapplicable).toMatchObject([{ labels: { node: 'rc1' } }]);
  });

  it('pgpool may be what keeps it out', async () => {
    const result = await look({ stream: meeting(NOT_LET_IN).stream }, on('rc2', false));
    expect(open(result)).toEqual({ rc2: 0 });
    expect(JSON.stringify(result.evidence)).toContain('no packet filter');
  });

  it.each([
    ['open both times', [PASSWORD_WANTED], 1],
    ['closed a moment later', [PASSWORD_WANTED, PASSWORD_WANTED, NOT_LET_IN], 0],
  ] as const)('looks twice before it says open: %s', async (_, answers, value) => {
    const looking = look({ stream: meeting(...answers).stream }, on('rc2', false));
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(seconds(3));
    expect(open(await looking)).toEqual({ rc2: value });
  });

  it('what is no answer to the question is a gap', async () => {
    const failure = new CheckFailure('protocol', 'an HTTP server');
    const result = await look({ stream: meeting(failure).stream }, on('rc2', false));
    expect(result.state).toBe('unknown');
    expect(open(result)).toEqual({});
  });
});
