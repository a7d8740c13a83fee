import { describe, expect, it } from 'vitest';
import { only, type Remedy, type Right } from '../../src/analysis/rights/right.ts';
import { statisticsOf } from '../../src/analysis/rights/statistics.ts';
import { exitOf, rightsText, toDo } from '../../src/cli/rights-text.ts';

describe('what is shown', () => {
  const plain = (text: string): string => text;
  const paints = { bold: plain, dim: plain, state: () => plain };
  const remedy: Remedy = { host: 'rc1', into: 'pg_hba.conf', lines: ['host a b c'] };
  const right = (changes: Partial<Right> = {}): Right => ({
    checks: ['vip'],
    what: 'see',
    where: 'rc1',
    may: 'yes',
    needed: true,
    remedies: [],
    ...changes,
  });

  it.each([
    [[right()], 0],
    [[right(), right({ may: 'no', needed: false })], 1],
    [[right({ may: 'unknown', needed: false })], 1],
    [[right({ may: 'no' }), right({ may: 'no', needed: false })], 3],
    [[right({ may: 'unknown' })], 3],
    [[], 0],
  ])('exits by what is missing', (rights, code) => {
    expect(exitOf(rights)).toBe(code);
  });

  it('has every line once, host by host', () => {
    const twice = [right({ remedies: [remedy] }), right({ where: 'x', remedies: [remedy] })];
    expect(toDo(twice)).toEqual([remedy]);
    expect(toDo([right({ remedies: [remedy, { ...remedy, host: 'rc2' }] })])).toHaveLength(2);
  });

  it('has one row for what holds in several places, and lines as they are to be pasted', () => {
    const long = { ...remedy, lines: [`GRANT SELECT (${'column, '.repeat(30)}x) ON t TO r;`] };
    const rights = [
      right({ may: 'no', why: 'because', remedies: [long] }),
      right({ may: 'no', where: 'rc2', why: 'because' }),
    ];
    const text = rightsText({ region: 'maas3', rights, others: ['redundancy'] }, paints, 100);
    expect(text).toMatch(/vip +see +rc1, rc2 +no: because/);
    expect(text.split('\n')).toContain(`      ${long.lines[0] ?? ''}`);
    expect(text).toContain('no right of their own: redundancy');
  });

  it('draws nothing on the terminal that a server said', () => {
    const rights = [right({ may: 'no', why: 'x\u001b[2Jy\nz' })];
    expect(rightsText({ region: 'maas3', rights, others: [] }, paints, 100)).not.toContain(
      '\u001b',
    );
  });
});

describe('the statements for pg_stat_replication', () => {
  it.each([
    [90_324, 'maasha.pg_stat_replication', 'pg_stat_wal_receiver'],
    [90_600, 'maasha.pg_stat_wal_receiver', 'pg_monitor'],
    [100_000, 'GRANT pg_monitor TO maasha;', 'CREATE'],
    [180_000, 'GRANT pg_monitor TO maasha;', 'CREATE'],
  ])('of version %d have %s and not %s', (version, has, lacks) => {
    const text = statisticsOf(version, 'maasha').join('\n');
    expect(text).toContain(has);
    expect(text).not.toContain(lacks);
  });

  it('quote a role that needs it', () => {
    expect(statisticsOf(150_000, 'my "role"')).toEqual(['GRANT pg_monitor TO "my ""role""";']);
  });
});

it('one address, and no other, is let in', () => {
  expect(only('172.31.16.40')).toBe('172.31.16.40/32');
  expect(only('2001:db8::40')).toBe('2001:db8::40/128');
});
