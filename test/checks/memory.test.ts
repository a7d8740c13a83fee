import { describe, expect, it } from 'vitest';
import clusters from '../../checks/cluster-controllers.ts';
import dns from '../../checks/dns-serial.ts';
import postgres from '../../checks/postgres-replication.ts';
import type { Check } from '../../src/core/check.ts';
import type { Ports } from '../../src/core/ports/ports.ts';
import { FakeClock } from '../support/clock.ts';
import { cluster, primary, standby } from '../support/postgres-answers.ts';
import { runCheck } from '../support/run-check.ts';
import { wholeRegion } from './healthy-region.ts';
import { healthyPorts, loops, zones } from './healthy.ts';

/* What a check makes of a memory that is not what it expects; that any is survived is a matter of conformance. */

const look = (check: Check, ports: Partial<Ports>, memory: unknown, clock = new FakeClock()) =>
  runCheck(check, wholeRegion(), healthyPorts(ports), { memory, clock });

/** What is remembered by a clock that is an hour ahead. */
const fromTheFuture = async (check: Check): Promise<unknown> => {
  const clock = new FakeClock();
  clock.advance(3600);
  return (await look(check, {}, undefined, clock)).memory;
};

describe('a memory from the future', () => {
  it('does not keep the database check from trying a new connection', async () => {
    const { port, opened } = cluster(primary(), standby());
    await look(postgres, { postgres: port }, await fromTheFuture(postgres));
    expect(opened).toEqual(['172.31.16.32 fresh', '172.31.16.33 fresh']);
  });

  it('is no ground for a lag', async () => {
    const memory = await fromTheFuture(postgres);
    const late = standby({ replay_lsn: '0/3000000' });
    const ran = await look(postgres, { postgres: cluster(primary(), late).port }, memory);
    expect(ran.values['maasha_postgres_replication_lag_seconds{standby="rc2"}']).toBe(0);
  });

  it('does not keep an old greeting alive', async () => {
    const greeted: string[] = [];
    const amp = loops((host) => {
      greeted.push(host);
      return undefined;
    });
    await look(clusters, { amp }, await fromTheFuture(clusters));
    expect(greeted).toHaveLength(2);
  });

  it('does not put the begin of a difference after the present', async () => {
    const clock = new FakeClock();
    const differs = { rc1: clock.now() + 3_600_000 };
    const rc1 = zones(undefined, (host) => (host.endsWith('.32') ? 99 : 102));
    const ran = await look(dns, { dns: rc1 }, { maas3: { serial: 102, differs } }, clock);
    const since = 'maasha_dns_zone_out_of_sync_since_timestamp_seconds{zone="maas3",server="rc1"}';
    expect(ran.values[since]).toBe(clock.now() / 1000);
  });
});

it('a memory with a text that is no WAL position does not stop the check for good', async () => {
  const { memory } = await look(postgres, {}, undefined);
  const broken = JSON.parse(JSON.stringify(memory).replaceAll('0/35009E0', '0/zz')) as unknown;
  const ran = await look(postgres, {}, broken);
  expect([ran.alerts, ran.gaps]).toEqual([[], []]);
  expect(ran.memory).toEqual(memory);
});
