import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { ConfigError } from '../../src/config/problem.ts';
import { scheduleProblem } from '../../src/runtime/schedule.ts';
import { testCheck } from '../support/checks.ts';

const folder = mkdtempSync(join(tmpdir(), 'maasha-config-'));
const file = join(folder, 'maasha.yaml');
writeFileSync(join(folder, 'secret'), 's3cret\n');
writeFileSync(join(folder, 'empty'), '\n');
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const known = { checks: [testCheck()], scheduleProblem };

const load = (text: string) => {
  writeFileSync(file, text);
  return loadConfig(file, known);
};

/** The problems of a configuration, without the file's name. */
function problems(text: string): readonly string[] {
  try {
    load(text);
  } catch (error) {
    if (error instanceof ConfigError)
      return error.problems.map((line) => line.replace(`${file}:`, ''));
    throw error;
  }
  return [];
}

const GOOD = `regions:
  - name: maas3
    vip: 172.31.16.39
    maas_url: http://172.31.16.39/MAAS/
    nodes:
      - { name: rc1, address: 172.31.16.32 }
      - { name: rc2, address: 172.31.16.33 }
`;

/** GOOD with further lines in its region. */
const with_ = (lines: string): string => `${GOOD}${lines.replaceAll(/^/gm, '    ')}\n`;

describe('a right configuration', () => {
  it('is read with its defaults', () => {
    const config = load(
      with_('postgres: { user: maasha, password_file: secret }\ndns: { zones: [maas3.] }'),
    );
    expect(config.listen).toEqual({ host: '127.0.0.1', port: 9877 });
    expect(config.regions[0]).toMatchObject({
      maasUrl: 'http://172.31.16.39/MAAS',
      generation: 1,
      postgres: { port: 5432, database: 'maasdb' },
      dns: { masterPort: 5353, slavePort: 53, zones: ['maas3'] },
      rpc: { interval: 60 },
    });
  });

  it('has its secrets read, trimmed, relative to the file', () => {
    const config = load(with_('postgres: { user: maasha, password_file: secret }'));
    expect(config.regions[0]?.postgres?.password?.reveal()).toBe('s3cret');
    expect(JSON.stringify(config)).not.toContain('s3cret');
  });

  it('leaves out what is not configured', () => {
    const [region] = load(GOOD).regions;
    expect(region).not.toHaveProperty('postgres');
    expect(region).not.toHaveProperty('pgpool');
  });

  it('may change a check', () => {
    const { checks } = load(
      `${GOOD}checks:\n  test: { every: 30s, rules: { MaasHaTestTooHigh: { above: 3, for: 0 } } }\n`,
    );
    expect(checks['test']).toMatchObject({
      every: '30s',
      rules: { MaasHaTestTooHigh: { above: 3, for: 0 } },
    });
  });
});

describe('a mistake is told with its line, what was found and what was expected', () => {
  test.each([
    [
      'an unknown key',
      with_('adress: 1.2.3.4'),
      '8:13: regions[0].adress: found unknown key "adress", expected one of name, vip,',
    ],
    ['a key that is nearly right', with_('trusted_server: []'), 'did you mean "trusted_servers"?'],
    [
      'a wrong type',
      GOOD.replace('172.31.16.39\n', '[1]\n'),
      '3:10: regions[0].vip: found [1], expected an IP address',
    ],
    [
      'a name where an address is meant',
      GOOD.replace('172.31.16.33', 'rc2.example.org'),
      '7:31: regions[0].nodes[1].address: found "rc2.example.org", expected an IP address',
    ],
    [
      'an IPv6 address that is none',
      GOOD.replace('172.31.16.33', '"2001:db8::1::2"'),
      '7:31: regions[0].nodes[1].address: found "2001:db8::1::2", expected an IP address',
    ],
    [
      'an address that is none',
      GOOD.replace('172.31.16.32', '172.31.16.332'),
      'found "172.31.16.332", expected an IP address',
    ],
    [
      'a missing key',
      GOOD.replace('    vip: 172.31.16.39\n', ''),
      '2:5: regions[0].vip: found nothing, expected an IP address',
    ],
    [
      'a missing secret file',
      with_('postgres: { user: m, password_file: nowhere }'),
      '8:41: regions[0].postgres.password_file: found "nowhere", which cannot be read (ENOENT), expected the path',
    ],
    [
      'an RPC secret that is none',
      with_('rpc: { secret_file: secret }'),
      'found "secret", which holds something else, expected the path of a file with the region’s secret',
    ],
    [
      'an empty secret file',
      with_('postgres: { user: m, password_file: empty }'),
      'found "empty", which is empty',
    ],
    [
      'a node’s name twice',
      GOOD.replace('rc2', 'rc1'),
      '7:17: regions[0].nodes[1].name: found "rc1" a second time, expected each node’s name once',
    ],
    [
      'a node’s address twice',
      GOOD.replace('16.33', '16.32'),
      'found "172.31.16.32" a second time, expected an address of its own',
    ],
    ['a node at the VIP', GOOD.replace('16.33', '16.39'), 'found "172.31.16.39" a second time'],
    [
      'a region twice',
      `${GOOD}${GOOD.replace('regions:\n', '')}`,
      'regions[1].name: found "maas3" a second time',
    ],
    [
      'an unknown check',
      `${GOOD}checks: { tset: {} }\n`,
      '8:17: checks.tset: found check "tset", expected one of test; did you mean "test"?',
    ],
    [
      'an unknown rule',
      `${GOOD}checks: { test: { rules: { MaasHaTest: { above: 1 } } } }\n`,
      'found rule "MaasHaTest", expected one of MaasHaTestTooHigh',
    ],
    [
      'the wrong comparison',
      `${GOOD}checks: { test: { rules: { MaasHaTestTooHigh: { below: 1 } } } }\n`,
      'expected above: this rule compares with above',
    ],
    [
      'a bad cron expression',
      `${GOOD}checks: { test: { every: "61 * * * * *" } }\n`,
      'checks.test.every: found "61 * * * * *", expected a duration that divides',
    ],
    [
      'a duration that does not divide',
      `${GOOD}checks: { test: { every: 7s } }\n`,
      'found "7s", expected a duration that divides',
    ],
    [
      'a port out of range',
      with_('pgpool: { port: 65536 }'),
      '8:21: regions[0].pgpool.port: found 65536, expected a port from 1 to 65535',
    ],
    [
      'a zone that is none',
      with_('dns: { zones: ["a..b"] }'),
      'regions[0].dns.zones[0]: found "a..b", expected a DNS zone name',
    ],
    [
      'half of a PCP account',
      with_('pgpool: { pcp_user: root }'),
      'expected pcp_user and pcp_password_file together',
    ],
    [
      'a primary that is no node',
      with_('declared_primary: rc3'),
      'found "rc3", expected one of the nodes: rc1, rc2',
    ],
    ['a URL with credentials', GOOD.replace('http://', 'http://u:p@'), 'expected a URL such as'],
    [
      'a listen address with a slip',
      `${GOOD}listen: { hots: 127.0.0.1 }\n`,
      'did you mean "host"?',
    ],
    ['no regions at all', 'regions: []\n', '1:10: regions: found [], expected at least one region'],
    ['an empty file', '', '1:1: found null, expected a configuration that starts with `regions:`'],
    ['a key twice', `${GOOD}checks: {}\nchecks: {}\n`, '9:1: Map keys must be unique'],
    ['not YAML', 'regions: [', '1:11:'],
  ])('%s', (_, text, expected) => {
    expect(problems(text).join('\n')).toContain(expected);
  });

  it('tells all of them at once, in the order of the file', () => {
    const found = problems(
      `${GOOD.replace('16.33', '16.32').replace('name: maas3', 'name: "maas 3"')}    pgpool: { port: 0 }\n    postgres: { user: m, password_file: nowhere }\nchecks: { nope: {} }\n`,
    );
    expect(found.map((line) => line.split(':')[0])).toEqual(['2', '7', '8', '9', '10']);
  });

  it('names a file that cannot be read', () => {
    expect(() => loadConfig(join(folder, 'none.yaml'), known)).toThrow(/none\.yaml.*\n.*ENOENT/);
  });
});
