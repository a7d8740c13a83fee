import { describe, expect, it } from 'vitest';
import check from '../../checks/postgres-replication.ts';
import type { CheckContext } from '../../src/core/check.ts';
import { FakeClock } from '../support/clock.ts';
import { fakePorts } from '../support/ports.ts';
import { cluster, primary, standby, type Server } from '../support/postgres-answers.ts';
import { region } from '../support/region.ts';
import { runCheck } from '../support/run-check.ts';

/* What is as it is on purpose: replay that is kept back. */

const look = (rc1: Server, rc2: Server, context: Partial<CheckContext> = {}) =>
  runCheck(check, region(), fakePorts({ postgres: cluster(rc1, rc2).port }), context);

const value = (name: string): string => `maasha_postgres_${name}`;

describe('replay that is kept back on purpose', () => {
  const minute = standby({ apply_delay_ms: '60000' });

  it('is told as such, and alarms nobody', async () => {
    const { values, alerts, evidence } = await look(primary(), minute);
    expect(values[value('replay_delayed{node="rc2"}')]).toBe(1);
    expect(alerts).toEqual(['MaasHaReplayDelayed rc2']);
    expect(evidence.at(-1)?.says).toBe('replays 1m late on purpose (recovery_min_apply_delay)');
  });

  it('explains a lag of that length and a little more, and no longer one', async () => {
    const clock = new FakeClock();
    const { memory } = await look(primary({ flush_lsn: '0/3000000' }), minute, { clock });
    const ahead = standby({ apply_delay_ms: '60000', replay_lsn: '0/3000000' });
    const seen: unknown[] = [];
    let known = memory;
    for (const wait of [10, 100, 20]) {
      clock.advance(wait);
      const ran = await look(primary(), ahead, { clock, memory: known });
      known = ran.memory;
      seen.push([
        ran.values[value('replication_lag_seconds{standby="rc2"}')],
        ran.values[value('replay_delayed{node="rc2"}')],
      ]);
    }
    expect(seen).toEqual([
      [0, 1],
      [100, 1],
      [120, 1],
    ]);
    clock.advance(10);
    const late = await look(primary(), ahead, { clock, memory: known });
    expect(late.values[value('replay_delayed{node="rc2"}')]).toBe(0);
    expect(late.alerts).toEqual(['MaasHaReplicationLagHigh rc2']);
    expect(late.evidence.at(-1)?.says).toContain('and is later than that explains');
  });

  it('is not known before PostgreSQL 12', async () => {
    const { values } = await look(primary(), standby({ apply_delay_ms: null }));
    expect(values).not.toHaveProperty([value('replay_delayed{node="rc2"}')]);
  });

  it('is another thing than a pause, and a pause may only have been asked for', async () => {
    const asked = { replay_paused: 'true', pause_state: 'pause requested' };
    const { evidence } = await look(primary(), standby(asked));
    expect(evidence[1]?.says).toContain('was asked to pause its replay');
    const paused = await look(primary(), standby({ replay_paused: 'true', pause_state: 'paused' }));
    expect(paused.evidence[1]?.says).toContain('has replay paused');
  });
});

it('a memory that cannot be read is none', async () => {
  const memory = { connects: { rc1: 'yesterday' }, history: 7 };
  expect((await look(primary(), standby(), { memory })).gaps).toEqual([]);
});
