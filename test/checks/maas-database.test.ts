import { describe, expect, it, test } from 'vitest';
import database from '../../checks/maas-database.ts';
import racks from '../../checks/rack-connections.ts';
import { eventLoops, zoneSerial } from '../../src/analysis/maas/questions.ts';
import type { Check, CheckContext } from '../../src/core/check.ts';
import { CheckFailure, FAILURE_CODES } from '../../src/core/failure.ts';
import type { DnsPort } from '../../src/core/ports/dns.ts';
import type { PostgresPort, Row } from '../../src/core/ports/postgres.ts';
import { greeting, maasAnswer } from '../support/maas-answers.ts';
import { fakePorts } from '../support/ports.ts';
import { failure } from '../support/postgres-answers.ts';
import { region } from '../support/region.ts';
import { runCheck } from '../support/run-check.ts';
import { RC1, secondRegion, wholeRegion } from './healthy-region.ts';
import { healthyPorts, zones } from './healthy.ts';

/** What a server answers to one question: rows, a failure, or undefined for a healthy answer. */
type Says = (sql: string) => readonly Row[] | CheckFailure | undefined;
const PRIMARY: Says = () => undefined;
const STANDBY: Says = (sql) =>
  sql.includes('pg_is_in_recovery')
    ? [greeting(1, { recovering: 'true', replayed: '4.5' })]
    : undefined;
const closed =
  (why: CheckFailure): Says =>
  () =>
    why;

/** Two servers with the tables of MAAS 1.x; a failure to the first question is a closed door. */
const servers = (rc1: Says, rc2: Says): PostgresPort => ({
  open: async ({ host, database: name }) => {
    const says = host === RC1 ? rc1 : rc2;
    return {
      version: 90_324,
      query: async (sql) => {
        const said = says(sql) ?? maasAnswer(sql, { recovering: false, database: name });
        if (said instanceof CheckFailure || said === undefined) throw said ?? failure('timeout');
        return said;
      },
    };
  },
});

const dns = (serial: number, mailbox: string): DnsPort => ({
  ...zones(),
  query: async (server, question, options) => {
    const reply = await zones(undefined, () => serial).query(server, question, options);
    const answers = reply.answers.map((answer) =>
      answer.type === 'SOA' ? { ...answer, soa: { ...answer.soa, mailbox } } : answer,
    );
    return { ...reply, answers };
  },
});

const look = (rc1: Says, rc2: Says, context: Partial<CheckContext> = {}, dnsPort = zones()) =>
  runCheck(
    database,
    wholeRegion(),
    healthyPorts({ postgres: servers(rc1, rc2), dns: dnsPort }),
    context,
  );

describe('who is asked', () => {
  it('is the primary, whichever node that is', async () => {
    for (const [rc1, rc2] of [
      [PRIMARY, STANDBY],
      [STANDBY, PRIMARY],
      [closed(failure('refused')), PRIMARY],
    ] as const) {
      const ran = await look(rc1, rc2);
      expect([ran.alerts, ran.gaps, ran.skips]).toEqual([[], [], []]);
      expect(ran.values['maasha_maas_region_attached{}']).toBe(1);
    }
  });

  test.each(FAILURE_CODES)(
    'is nobody where all fail with %s: gaps, and what is known is kept',
    async (code) => {
      const memory = { highest: 105 };
      const ran = await look(closed(failure(code)), closed(failure(code)), { memory });
      expect(ran.values).toEqual({});
      expect(ran.inapplicable).toEqual([]);
      expect(ran.gaps.map(({ subject, failure: { code: told } }) => [subject, told])).toEqual([
        ['rc1', code],
        ['rc2', code],
      ]);
      expect(ran.memory).toEqual(memory);
    },
  );

  it('is nobody where two take writes', async () => {
    const ran = await look(PRIMARY, PRIMARY, { memory: { highest: 9 } });
    expect(ran.values).toEqual({});
    expect(ran.gaps.map(({ failure: { message } }) => message)).toEqual([
      'rc1 and rc2 both take writes: whose rows count is not known',
    ]);
    expect(ran.memory).toEqual({ highest: 9 });
  });

  it('is the standby that is least behind, and it says how far that is', async () => {
    const at =
      (replayed: string | null): Says =>
      (sql) =>
        sql.includes('pg_is_in_recovery')
          ? [greeting(1, { recovering: 'true', replayed })]
          : undefined;
    const ran = await look(at(null), at('75'));
    expect(ran.evidence.map(({ subject, says }) => `${subject} ${says}`)).toContain(
      'rc2 is asked, a standby whose rows are up to 1m 15s old: no primary could be asked',
    );
    const unknown = await look(at(null), closed(failure('timeout')));
    expect(unknown.evidence[0]?.says).toContain('of an unknown age');
  });

  test.each([
    ['no row', []],
    ['a row that is none of it', [{ nonsense: '1' }]],
    ['a truth that is none', [greeting(1, { recovering: 'maybe' })]],
  ])('is not one that answers with %s', async (_, rows) => {
    const odd: Says = (sql) => (sql.includes('pg_is_in_recovery') ? rows : undefined);
    const ran = await look(odd, odd);
    expect(ran.gaps.map(({ failure: { code } }) => code)).toEqual(['protocol', 'protocol']);
    expect(ran.values).toEqual({});
  });
});

describe('one question that fails', () => {
  const failing =
    (question: { readonly sql: string }, why: CheckFailure): Says =>
    (sql) =>
      sql === question.sql ? why : undefined;

  it('costs what it asks for and nothing else', async () => {
    const ran = await look(failing(eventLoops, failure('timeout', '57014')), STANDBY);
    expect(ran.gaps.map(({ subject, failure: { code } }) => [subject, code])).toEqual([
      ['event loops', 'timeout'],
    ]);
    expect(ran.values).not.toHaveProperty(['maasha_maas_region_attached{}']);
    expect(ran.values['maasha_maas_zone_serial{}']).toBe(102);
  });

  it('because the primary has just become a standby is no finding', async () => {
    const ran = await look(failing(eventLoops, failure('protocol', '0A000')), STANDBY);
    expect(ran.alerts).toEqual([]);
    expect(ran.gaps.map(({ failure: { code, message } }) => [code, message])).toEqual([
      ['dependency', 'only the primary shows it, and none could be asked'],
    ]);
  });

  it('for want of a grant is skipped, and the grant is named', async () => {
    const ran = await look(failing(zoneSerial, failure('no_privilege', '42501')), STANDBY, {
      memory: { highest: 105 },
    });
    expect(ran.skips.map(({ code, reason }) => [code, reason])).toEqual([
      [
        'no_privilege',
        'maasha may not read it: GRANT SELECT ON maasserver_zone_serial_seq TO maasha;',
      ],
    ]);
    expect(ran.gaps).toEqual([]);
    expect(ran.memory).toEqual({ highest: 105 });
  });
});

describe('the sequence, against what slaves hold', () => {
  const MAAS = 'nobody.example.com';
  test.each([
    ['a slave holds more than was handed out', 150, MAAS, 48],
    ['its mailbox is written with a dot', 150, `${MAAS}.`.toUpperCase(), 48],
    ['the slaves are level', 102, MAAS, 0],
    ['the zone is not of MAAS', 2024_010_101, 'hostmaster.example.net', undefined],
  ] as const)('%s', async (_, serial, mailbox, behind) => {
    const ran = await look(PRIMARY, STANDBY, {}, dns(serial, mailbox));
    expect(ran.values['maasha_maas_zone_serial_behind{}']).toBe(behind);
    expect(ran.alerts).toEqual(behind === 48 ? ['MaasHaSerialSequenceWentBack'] : []);
  });

  it('is not compared with what a server tells without authority', async () => {
    const forwarded: DnsPort = {
      ...zones(),
      query: async (...asked) => ({
        ...(await dns(150, MAAS).query(...asked)),
        authoritative: false,
      }),
    };
    const ran = await look(PRIMARY, STANDBY, {}, forwarded);
    expect(ran.values).not.toHaveProperty(['maasha_maas_zone_serial_behind{}']);
  });

  it('is not compared with slaves that do not answer, which is no gap here', async () => {
    const silent = zones(() => new CheckFailure('timeout', 'silent'));
    const ran = await look(PRIMARY, STANDBY, { memory: { highest: 102 } }, silent);
    expect(ran.values['maasha_maas_zone_serial_behind{}']).toBe(0);
    expect(ran.gaps).toEqual([]);
  });
});

describe('where there is nothing to look at', () => {
  const { postgres, ...without } = region();
  const second = { ...region(), generation: 2 as const };
  test.each<[Check, Parameters<NonNullable<Check['absence']>>[0], RegExp | undefined]>([
    [database, without, /section `postgres`/],
    [database, region(), undefined],
    [database, second, undefined],
    [racks, region(), /MAAS 1.x does not keep/],
    [racks, { ...without, generation: 2 }, /section `postgres`/],
    [racks, second, undefined],
  ])('%#: the check does not exist', (check, target, reason) => {
    expect(postgres).toBeDefined();
    const absent = check.absence?.(target);
    if (reason === undefined) expect(absent).toBeUndefined();
    else expect(absent).toMatch(reason);
  });

  it('rack-connections is ok where a rack is connected to all, and asks the database only', async () => {
    const ports = fakePorts({ postgres: servers(PRIMARY, STANDBY) });
    const ran = await runCheck(racks, secondRegion(), ports);
    expect(ran.values).toMatchObject({ 'maasha_rack_connected{rack="maas4"}': 1 });
  });
});
