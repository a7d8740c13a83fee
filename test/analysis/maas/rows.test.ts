import { describe, expect, it, test } from 'vitest';
import { controllerOf, UNCONFIGURED } from '../../../src/analysis/maas/controllers.ts';
import { anyFresh, isFresh } from '../../../src/analysis/maas/freshness.ts';
import { grantStatements, maasGrants } from '../../../src/analysis/maas/grants.ts';
import * as questions from '../../../src/analysis/maas/questions.ts';
import { readRows } from '../../../src/analysis/maas/rows.ts';
import { seconds } from '../../../src/core/time.ts';
import { region } from '../../support/region.ts';

describe('how old a row is', () => {
  test.each([
    [0, 0, true],
    [120, 0, true],
    [120.5, 0, false],
    // On a standby the primary's row may be younger by as much as the standby is late.
    [119, 1000, true],
    [130, 20, undefined],
    [150, 20, false],
    [1e9, Number.POSITIVE_INFINITY, undefined],
  ])('%d s, %d s late: fresh %s', (age, lag, fresh) => {
    expect(isFresh(age, seconds(lag))).toBe(fresh);
  });

  test.each([
    [[], 0, false],
    [[], 60, false],
    [[], 121, undefined],
    [[500, 5], 0, true],
    [[500, 5], 1e6, true],
    [[500, 130], 20, undefined],
    [[500, 400], 20, false],
  ])('of %j, %d s late: any fresh %s', (ages, lag, fresh) => {
    expect(anyFresh(ages, seconds(lag))).toBe(fresh);
  });
});

describe('a host of MAAS', () => {
  const target = region({ clusters: [{ name: 'Rack-1', address: '10.0.0.1', services: [] }] });
  test.each([
    ['rc1', 'rc1'],
    ['RC2.example.net', 'rc2'],
    ['rack-1.maas', 'Rack-1'],
    ['rc10', UNCONFIGURED],
    ['', UNCONFIGURED],
    ['rc1\u0000', UNCONFIGURED],
  ])('%j is %s', (hostname, name) => {
    expect(controllerOf(target, hostname)).toBe(name);
  });
});

describe('rows', () => {
  const { eventLoops, zoneSerial, regionProcesses } = questions;
  it('are read as they come', () => {
    const row = { name: 'rc1:pid=1', address: '::1', port: '5250', age: '0.25' };
    expect(readRows(eventLoops.shape, [row])).toEqual([{ ...row, port: 5250, age: 0.25 }]);
    const none = { hostname: 'rc1', pid: null, age: null };
    expect(readRows(regionProcesses.shape, [none])).toEqual([none]);
  });

  test.each([
    [eventLoops.shape, { name: 'x', address: 'y', port: '5250' }],
    [eventLoops.shape, { name: null, address: 'y', port: '5250', age: '1' }],
    [eventLoops.shape, { name: 'x', address: 'y', port: 'http', age: '1' }],
    [eventLoops.shape, { name: 'x', address: 'y', port: '1', age: 'Infinity' }],
    [zoneSerial.shape, { last_value: '4294967296', is_called: 'true' }],
    [zoneSerial.shape, { last_value: '0', is_called: 'true' }],
    [zoneSerial.shape, { last_value: '7', is_called: 't' }],
  ])('that are no such rows are refused: %#', (shape, row) => {
    expect(() => readRows(shape, [row])).toThrow(/unexpected row/);
  });

  it('are refused without their contents', () => {
    const row = { last_value: 'a-secret', is_called: 'true' };
    expect(() => readRows(zoneSerial.shape, [row])).toThrow(/at 0.last_value/);
    expect(() => readRows(zoneSerial.shape, [row])).not.toThrow(/a-secret/);
  });

  it('with text of others are shortened, on one line and harmless', () => {
    const error = `\u001b[2J\u202e${'long '.repeat(200)}\r\nend`;
    const [row] = readRows(questions.componentErrors.shape, [
      { component: 'a\tb', error, age: '-3' },
    ]);
    expect(row?.component).toBe('a b');
    expect(row?.age).toBe(0);
    expect(row?.error).toMatch(/^\\x1b\[2J\\x202elong long /);
    expect(row?.error).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});

describe('grants', () => {
  it('are there for every table of every question, for the check that asks it', () => {
    const first = ['eventLoops', 'foreignServers', 'componentErrors', 'zoneSerial'];
    const racks = ['rackConnections', 'liveProcesses'];
    for (const [name, { tables }] of Object.entries(questions)) {
      const generation = first.includes(name) ? 1 : 2;
      const check = racks.includes(name) ? 'rack-connections' : 'maas-database';
      const given = maasGrants(generation).filter((each) => each.for.includes(check));
      for (const table of tables) expect(given.map((each) => each.table)).toContain(table);
    }
  });

  it.each([1, 2] as const)('of generation %i give away no secret', (generation) => {
    for (const { table, columns = [] } of maasGrants(generation)) {
      expect(table).not.toMatch(/config|secret|piston|auth_|bmc|sshkey/);
      for (const column of columns) expect(column).not.toMatch(/key|token|power|secret|password/);
    }
  });

  it('name the role as SQL wants it, and nothing that was not asked for', () => {
    const wanted = { check: 'maas-database', tables: ['eventloops'], role: 'Ma"asha' };
    expect(grantStatements(1, wanted)).toEqual(['GRANT SELECT ON eventloops TO "Ma""asha";']);
    expect(grantStatements(1, { ...wanted, check: 'dns-zones' })).toEqual([]);
  });
});
