import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { corrected, readDeclaration } from '../../../src/analysis/declared/lines.ts';
import type { Node } from '../../../src/core/region.ts';

const RC1: Node = { name: 'rc1', address: '172.31.16.32' };
const RC2: Node = { name: 'rc2', address: '2001:db8::33' };
const NODES = [RC1, RC2];

const HIERA = String.raw`^maas::primary: *(\S+)`;
const read = (text: string, pattern?: string) => readDeclaration(text, pattern, NODES);
const nodeIn = (text: string, pattern?: string): string | undefined => {
  const found = read(text, pattern);
  return found.is === 'node' ? found.node.name : found.is;
};

describe('a declaration', () => {
  test.each<readonly [string, string, string | undefined, string]>([
    ['a name', 'rc2', undefined, 'rc2'],
    ['a name with blank lines and comments about', '\n# who leads\n rc2 \r\n\n', undefined, 'rc2'],
    ['an address', '172.31.16.32\n', undefined, 'rc1'],
    ['an address of IPv6 in capitals', '2001:DB8::33', undefined, 'rc2'],
    ['a name in capitals', 'RC1', undefined, 'rc1'],
    ['a name with a domain', 'rc2.example.org', undefined, 'rc2'],
    ['a line of Hiera', '---\na: 1\nmaas::primary: rc1\nb: rc2\n', HIERA, 'rc1'],
    ['a line of Hiera in quotes', 'maas::primary: "rc2"', HIERA, 'rc2'],
    ['a line of JSON', '{\n "primary": "rc2",\n}', String.raw`"primary": (\S+)`, 'rc2'],
    [
      'a line with Windows’ ends',
      'maas::primary: rc2\r\nb: 1\r\n',
      String.raw`^maas::primary: (\w+)$`,
      'rc2',
    ],
    ['a variable of Ansible', 'pg_primary=rc1', '^pg_primary=(.*)$', 'rc1'],
    ['two lines that say the same', 'rc1\nrc1.example.org', undefined, 'rc1'],
    ['two lines that do not', 'rc1\nrc2', undefined, 'several'],
    ['a node and a stranger', 'rc1\ndb3', undefined, 'several'],
    ['a name that only begins like a node’s', 'rc11', undefined, 'stranger'],
    ['a name of which a node’s is the domain', 'db.rc1', undefined, 'stranger'],
    ['two strangers', 'db1\ndb2', undefined, 'stranger'],
    ['nothing', '', undefined, 'nobody'],
    ['only comments', ' # rc1\n#maas::primary: rc2', undefined, 'nobody'],
    ['a line that is commented out', '#maas::primary: rc2', 'maas::primary: *(.+)', 'nobody'],
    ['another key', 'maas::standby: rc2', HIERA, 'nobody'],
    ['an empty value', 'maas::primary: ""', HIERA, 'nobody'],
    ['a group that took no part', 'maas::primary:', 'maas::primary:( rc.)?', 'nobody'],
  ])('that is %s', (_, text, pattern, expected) => {
    expect(nodeIn(text, pattern)).toBe(expected);
  });

  it('tells its line by the number that an editor shows', () => {
    const found = read('---\n# who\nmaas::primary: rc1\n', HIERA);
    expect(found).toMatchObject({ lines: [{ number: 3, text: 'maas::primary: rc1' }] });
  });
});

describe('the corrected line', () => {
  const correctedIn = (text: string, pattern?: string, right = RC2): string | undefined => {
    const found = read(text, pattern);
    if (found.is !== 'node' && found.is !== 'stranger') return undefined;
    const [line] = found.lines;
    return line && corrected(line, found.is === 'node' ? found.node : undefined, right);
  };

  test.each<readonly [string, string, string | undefined, string]>([
    ['by name', '  rc1', undefined, '  rc2'],
    ['by address', '172.31.16.32', undefined, '2001:db8::33'],
    ['by name and domain', 'rc1.example.org', undefined, 'rc2.example.org'],
    [
      'in quotes, with what follows',
      'maas::primary: "rc1" # since May',
      HIERA,
      'maas::primary: "rc2" # since May',
    ],
    [
      'where the name stands elsewhere, too',
      'rc1: primary=rc1',
      'primary=(.*)',
      'rc1: primary=rc2',
    ],
    ['a stranger', 'db3', undefined, 'rc2'],
  ])('names the other node in the same manner: %s', (_, text, pattern, expected) => {
    expect(correctedIn(text, pattern)).toBe(expected);
  });

  it('declares the right node, whatever stands around it', () => {
    const around = fc.string({ maxLength: 20 }).filter((text) => !/[\r\n]/.test(text));
    const manner = fc.constantFrom('rc1', 'RC1', '172.31.16.32', 'rc1.example.org', '"rc1"');
    fc.assert(
      fc.property(around, manner, around, (before, name, after) => {
        const pattern = String.raw`primary=(\S+)`;
        const text = `k${before} primary=${name} ${after}`;
        if (nodeIn(text, pattern) !== 'rc1') return;
        expect(nodeIn(correctedIn(text, pattern) ?? '', pattern)).toBe('rc2');
      }),
    );
  });
});

it('reads whatever it is given', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(['node', 'stranger', 'several', 'nobody']).toContain(read(text).is);
    }),
  );
});

it('is as quick with a line that is all spaces or quotes', () => {
  const many = 100_000;
  for (const filling of [' ', '"', `"'`, ', '])
    expect(read(`x${filling.repeat(many)}x`).is).toBe('stranger');
});
