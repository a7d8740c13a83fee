import { describe, expect, it, test } from 'vitest';
import check from '../../checks/declared-primary.ts';
import type { CheckContext } from '../../src/core/check.ts';
import { CheckFailure, type FailureCode } from '../../src/core/failure.ts';
import type { Fact, FactsPort } from '../../src/core/ports/facts.ts';
import type { Region } from '../../src/core/region.ts';
import { FakeClock } from '../support/clock.ts';
import { fakePorts } from '../support/ports.ts';
import { cluster, failure, primary, standby, type Server } from '../support/postgres-answers.ts';
import { region } from '../support/region.ts';
import { runCheck } from '../support/run-check.ts';

const PROMOTED = primary({ wal_file: '000000020000000000000003' });
const FOLLOWS = standby({ received_timeline: '2' });
const DRIFT = 'maasha_postgres_primary_drift{node="rc1"}';
const AGE = 'maasha_postgres_primary_drift_seconds{node="rc1"}';
const KNOWN = 'maasha_declared_primary_known{}';
const TWICE = 'maasha_declared_primary_contradicted{}';

const IN_HIERA: Partial<Region> = {
  declaredIn: {
    source: { from: 'file', path: '/srv/hiera/maas.yaml' },
    pattern: String.raw`^maas::primary: *(\S+)`,
  },
};
const hiera = (who: string): Fact => ({ text: `---\n# by hand\nmaas::primary: ${who}\n` });
const told = (fact: Fact | CheckFailure | undefined): FactsPort => ({
  read: async () => {
    if (fact instanceof CheckFailure) throw fact;
    return fact;
  },
});

interface Scene {
  readonly rc1?: Server;
  readonly rc2?: Server;
  readonly fact?: Fact | CheckFailure | undefined;
  readonly changes?: Partial<Region>;
  readonly context?: Partial<CheckContext>;
}

const look = ({ rc1 = primary(), rc2 = standby(), fact, changes = {}, context }: Scene = {}) =>
  runCheck(
    check,
    region(changes),
    fakePorts({ postgres: cluster(rc1, rc2).port, facts: told(fact) }),
    context,
  );

const failedOver: Scene = { rc1: FOLLOWS, rc2: PROMOTED };
const said = ({ evidence }: Awaited<ReturnType<typeof look>>): string =>
  evidence.map(({ subject, says }) => `${subject}: ${says}`).join('\n');

describe('the primary that is declared in maasha.yaml', () => {
  it('and is the primary does not drift', async () => {
    const ran = await look();
    expect(ran.values).toEqual({ [KNOWN]: 1, [DRIFT]: 0, [AGE]: 0 });
    expect(ran.inapplicable).toEqual([
      'maasha_postgres_primary_drift{node="rc2"}',
      'maasha_postgres_primary_drift_seconds{node="rc2"}',
      TWICE,
    ]);
    expect(said(ran)).toBe('maasha.yaml: declares rc1 to be the primary, which it is');
  });

  it('drifts when another node was promoted, and the line to edit is told', async () => {
    const ran = await look(failedOver);
    expect(ran.values).toMatchObject({ [DRIFT]: 1, [AGE]: 0 });
    expect(ran.alerts).toEqual(['MaasHaPrimaryDrift rc1']);
    expect(said(ran)).toContain('`declared_primary: rc2`');
    expect(said(ran)).toContain('every 30 minutes unless told otherwise');
  });

  it('drifts also when its database is down', async () => {
    const { alerts } = await look({ rc1: { refuses: failure('refused') }, rc2: PROMOTED });
    expect(alerts).toEqual(['MaasHaPrimaryDrift rc1']);
  });

  test.each<readonly [string, Server, Server, FailureCode]>([
    ['none', standby(), standby(), 'dependency'],
    ['two', primary(), PROMOTED, 'dependency'],
    ['one, and one that could not be judged', { refuses: failure('auth') }, PROMOTED, 'auth'],
  ])('is not held against %s, which is a gap', async (_, rc1, rc2, code) => {
    const ran = await look({ rc1, rc2 });
    expect(ran.values).toEqual({ [KNOWN]: 1 });
    expect(ran.inapplicable).toEqual([TWICE]);
    expect(ran.gaps.map(({ failure: { code: why } }) => why)).toEqual([code]);
  });
});

describe('the primary that configuration management declares', () => {
  it('goes before the copy in maasha.yaml', async () => {
    const ran = await look({ ...failedOver, changes: IN_HIERA, fact: hiera('rc2') });
    expect(ran.values).toMatchObject({
      'maasha_postgres_primary_drift{node="rc2"}': 0,
      [TWICE]: 1,
    });
    expect(ran.alerts).toEqual(['MaasHaDeclaredPrimaryContradicted']);
    expect(said(ran)).toContain(
      'maasha.yaml: `declared_primary: rc1` is not what configuration management declares (rc2); it is not used',
    );
  });

  it('drifts also where the copy in maasha.yaml is right, which is told', async () => {
    const ran = await look({ changes: IN_HIERA, fact: hiera('rc2') });
    expect(ran.values).toMatchObject({ 'maasha_postgres_primary_drift{node="rc2"}': 1 });
    expect(said(ran)).toContain('(rc2), and is the primary; it is not used');
  });

  it('drifts with its file, its line, what stands there, and what is to stand there', async () => {
    const ran = await look({ ...failedOver, changes: IN_HIERA, fact: hiera('rc1') });
    expect(ran.values).toMatchObject({ [DRIFT]: 1, [TWICE]: 0 });
    expect(said(ran)).toContain(
      'the file /srv/hiera/maas.yaml: rc1 is declared to be the primary, and rc2 is: line 3 reads `maas::primary: rc1` and is to read `maas::primary: rc2`',
    );
  });

  test.each<readonly [string, Fact | undefined, RegExp]>([
    ['is nowhere', undefined, /does not exist; expected rc1, which is the primary/],
    ['is nobody', { text: 'other: 1' }, /declares nobody: no line matches/],
    ['is no node', hiera('db3'), /no node: line 3 reads `maas::primary: db3`; expected rc1/],
    [
      'is two nodes',
      { text: 'maas::primary: rc1\nmaas::primary: rc2' },
      /contradicts itself: line 1 reads .* line 2 reads/,
    ],
  ])('is not known when it %s, and then nothing drifts', async (_, fact, words) => {
    const ran = await look({
      ...failedOver,
      rc1: primary(),
      rc2: standby(),
      changes: IN_HIERA,
      fact,
    });
    expect(ran.values).toEqual({ [KNOWN]: 0 });
    expect(ran.alerts).toEqual(['MaasHaDeclaredPrimaryUnknown']);
    expect(ran.inapplicable).toContain('maasha_postgres_primary_drift{}');
    expect(ran.gaps).toEqual([]);
    expect(said(ran)).toMatch(words);
  });

  test.each<FailureCode>(['no_privilege', 'timeout', 'refused', 'protocol', 'config'])(
    'is not known, and a drift neither seen nor over, when its source cannot be read: %s',
    async (code) => {
      const fact = new CheckFailure(code, 'it cannot be read');
      const ran = await look({ ...failedOver, changes: IN_HIERA, fact });
      expect(ran.values).toEqual({ [KNOWN]: 0 });
      expect(ran.inapplicable).toEqual([]);
      expect(ran.gaps).toMatchObject([
        { subject: 'the file /srv/hiera/maas.yaml', failure: { code } },
      ]);
    },
  );

  it('is only a gap where the monitor itself cannot have it', async () => {
    const fact = new CheckFailure('dependency', 'only the service has what is pushed');
    const ran = await look({ changes: IN_HIERA, fact });
    expect([ran.values, ran.alerts, ran.gaps.length]).toEqual([{}, [], 1]);
  });

  it('is told in one line that ends, whatever stands in it', async () => {
    const fact = { text: `maas::primary: \u001b[31m${'x'.repeat(1000)}` };
    const ran = await look({ changes: IN_HIERA, fact });
    expect(said(ran)).not.toContain('\u001b');
    expect(said(ran).length).toBeLessThan(500);
  });
});

describe('how long it drifts', () => {
  /** The age at each look in a row, through memory that is stored in between. */
  const ages = async (scenes: readonly (readonly [wait: number, scene: Scene])[]) => {
    const clock = new FakeClock();
    const seen: unknown[] = [];
    let memory: unknown;
    for (const [wait, scene] of scenes) {
      clock.advance(wait);
      const ran = await look({ ...scene, context: { clock, memory } });
      memory = JSON.parse(JSON.stringify(ran.memory));
      seen.push(ran.values[AGE]);
    }
    return seen;
  };
  const blind: Scene = { rc1: { refuses: failure('auth') }, rc2: PROMOTED };

  it('counts from the look that first saw it, and begins anew once it was over', async () => {
    const looks = [
      [0, {}],
      [30, failedOver],
      [30, failedOver],
      [600, failedOver],
    ] as const;
    expect(await ages([...looks, [30, {}], [30, failedOver]])).toEqual([0, 0, 30, 630, 0, 0]);
  });

  it('goes on behind what could not be seen', async () => {
    expect(
      await ages([
        [0, failedOver],
        [30, blind],
        [30, failedOver],
      ]),
    ).toEqual([0, undefined, 60]);
  });

  it('becomes critical when half of Puppet’s usual interval has gone by', async () => {
    const clock = new FakeClock();
    const { memory } = await look({ ...failedOver, context: { clock } });
    clock.advance(901);
    const ran = await look({ ...failedOver, context: { clock, memory } });
    expect(ran.alerts).toEqual(['MaasHaPrimaryDrift rc1', 'MaasHaPrimaryDriftLasts rc1']);
    expect(said(ran)).toContain('for 15m');
  });

  it('does not believe a memory of days to come', async () => {
    const clock = new FakeClock();
    const memory = { declared: 'rc1', primary: 'rc2', since: clock.steady() + 1e9 };
    const ran = await look({ ...failedOver, context: { clock, memory } });
    expect(ran.values[AGE]).toBe(0);
  });
});

test.each<readonly [string, Partial<Region>, RegExp | undefined]>([
  ['neither is declared', { declaredPrimary: undefined } as never, /no primary is declared/],
  ['there is no database', { postgres: undefined } as never, /section `postgres`/],
  ['only the monitor knows', {}, undefined],
  [
    'only configuration management knows',
    { declaredPrimary: undefined, ...IN_HIERA } as never,
    undefined,
  ],
])('exists where it has something to compare: %s', (_, changes, expected) => {
  const reason = check.absence?.(region(changes));
  if (expected === undefined) expect(reason).toBeUndefined();
  else expect(reason).toMatch(expected);
});
