import { describe, expect, it, test } from 'vitest';
import check from '../../checks/postgres-capacity.ts';
import type { CheckContext } from '../../src/core/check.ts';
import type { Row } from '../../src/core/ports/postgres.ts';
import { FakeClock } from '../support/clock.ts';
import { fakePorts } from '../support/ports.ts';
import {
  cluster,
  failure,
  NO_RECEIVER,
  primary,
  slot,
  standby,
  type Server,
} from '../support/postgres-answers.ts';
import { region } from '../support/region.ts';
import { runCheck, type Ran } from '../support/run-check.ts';

const look = (rc1: Server, rc2: Server, context: Partial<CheckContext> = {}) =>
  runCheck(check, region(), fakePorts({ postgres: cluster(rc1, rc2).port }), context);

const value = (name: string): string => `maasha_postgres_${name}`;
const HEADROOM = value('wal_retention_headroom_bytes{standby="rc2"}');
const RATIO = value('wal_retention_headroom_ratio{standby="rc2"}');
const GAP = value('wal_gap{standby="rc2"}');

const says = ({ evidence }: Ran): string =>
  evidence.map((each) => `${each.subject}: ${each.says}`).join('\n');

/** The primary stands in segment 60, far beyond what it keeps for a standby in segment 3. */
const ahead = (changes: Partial<Server> = {}): Server => ({
  ...primary({ flush_lsn: '0/3C000100' }, []),
  ...changes,
});
const dead: Server = { refuses: failure('refused') };

/** As the service does: several looks, each with what the one before has written down. */
async function watch(looks: readonly (readonly [wait: number, rc1: Server, rc2: Server])[]) {
  const clock = new FakeClock();
  const all: Ran[] = [];
  for (const [wait, rc1, rc2] of looks) {
    clock.advance(wait);
    const memory: unknown = JSON.parse(JSON.stringify(all.at(-1)?.memory ?? null));
    all.push(await look(rc1, rc2, { clock, memory }));
  }
  return all;
}

describe('slots', () => {
  const used = standby({ slot_name: 'rc2' });

  it('keep all for their standby where nothing limits them: no number, and no alarm', async () => {
    const rc1 = { ...ahead(), slots: [slot({ active: 'false', here: '0/3C000100' })] };
    const ran = await look(rc1, standby({ ...NO_RECEIVER, slot_name: 'rc2' }));
    expect(ran.values).not.toHaveProperty([HEADROOM]);
    expect(ran.values[GAP]).toBe(0);
    expect(ran.inapplicable).toContain(RATIO);
    expect(says(ran)).toContain(
      'its slot rc2 keeps all that it needs: the disk of rc1 runs out first',
    );
    expect(ran.alerts).toEqual([]);
  });

  it('that are lost are the end for whom they were to feed, and for nobody else', async () => {
    const lost = slot({ active: 'false', restart_lsn: null, status: 'lost' });
    const stock = { slots: [lost], files: { oldest: '0000000000000001', files: '60' } };
    const gone = await look(ahead(stock), standby({ ...NO_RECEIVER, slot_name: 'rc2' }));
    expect(gone.alerts).toEqual([
      'MaasHaWalGap rc2',
      'MaasHaWalRetentionLow rc2',
      'MaasHaSlotLost rc1 rc2 lost',
    ]);
    const other = await look(
      { ...primary(), slots: [{ ...lost, slot_name: 'backup' }] },
      standby(),
    );
    expect(other.alerts).toEqual(['MaasHaSlotLost rc1 backup lost']);
  });

  it('are remembered for a standby that is down', async () => {
    const slots = [slot({ active: 'false', here: '0/3C000100' })];
    const all = await watch([
      [0, { ...primary(), slots: [slot()] }, used],
      [30, { ...ahead(), slots }, dead],
    ]);
    expect(all[1]?.values[GAP]).toBe(0);
    expect(all[1]?.values).not.toHaveProperty([HEADROOM]);
  });

  it('that keep much are told, and for how long nobody has used them', async () => {
    const stale = slot({ slot_name: 'backup', active: 'false', here: '0/60000000' });
    const all = await watch([
      [0, { ...primary(), slots: [stale] }, standby()],
      [3600, { ...primary(), slots: [stale] }, standby()],
    ]);
    expect(all[1]?.alerts).toEqual(['MaasHaSlotRetainsMuch rc1 backup']);
    expect(says(all[1]!)).toContain(
      'rc1: slot "backup" is used by nobody for 1h, and keeps 1.4 GiB of WAL',
    );
  });

  it('that were dropped are over', async () => {
    const { inapplicable } = await look(primary(), standby());
    expect(inapplicable).toEqual(
      expect.arrayContaining([
        value('replication_slot_retained_bytes{node="rc1"}'),
        value('replication_slot_state{node="rc2"}'),
      ]),
    );
  });
});

describe('connections', () => {
  const with_ = (changes: Row, narrow: readonly Row[] = []): Server => {
    const { limits = {}, ...rest } = primary();
    return { ...rest, limits: { ...limits, ...changes }, narrow };
  };

  test.each<readonly [string, Server, readonly string[]]>([
    ['few', with_({ connections: '82' }), []],
    ['many', with_({ connections: '83' }), ['MaasHaConnectionsNearLimit rc1']],
    [
      'all, of those that are not reserved',
      with_({ connections: '97' }),
      ['MaasHaConnectionsNearLimit rc1', 'MaasHaConnectionsExhausted rc1'],
    ],
    [
      'few, but many of what a role may have',
      with_({}, [{ kind: 'role', name: 'maas', connections: '9', allowed: '10' }]),
      ['MaasHaConnectionsNearLimit rc1'],
    ],
    [
      'none left to whom they are all reserved from',
      with_({ max_connections: '3' }),
      ['MaasHaConnectionsNearLimit rc1', 'MaasHaConnectionsExhausted rc1'],
    ],
  ])('in use are %s', async (_, rc1, alerts) => {
    expect((await look(rc1, standby())).alerts).toEqual(alerts);
  });

  it('that are denied to the monitor itself are exhausted, which is no gap in what is known of them', async () => {
    const full = { refuses: failure('dependency', '53300') };
    const ran = await look(full, standby());
    expect(ran.alerts).toContain('MaasHaConnectionsExhausted rc1');
    expect(says(ran)).toContain('rc1: lets nobody new in');
  });
});
