import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { check } from '../../src/cli/check.ts';
import { UsageError } from '../../src/cli/exit.ts';
import { list } from '../../src/cli/list.ts';
import { validate } from '../../src/cli/validate.ts';
import { ConfigError } from '../../src/config/problem.ts';
import { maasha } from '../support/cli.ts';

/* What the command line says of checks that do not exist in a region, and of what the accounts may see. */

const folder = mkdtempSync(join(tmpdir(), 'maasha-cli-sites-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const REGION = (name: string, net: string, more: string): string => `  - name: ${name}
    vip: ${net}.39
    maas_url: http://${net}.39:39999/MAAS
    nodes:
      - { name: rc1, address: ${net}.32 }
      - { name: rc2, address: ${net}.33 }
${more}`;
const file = join(folder, 'maasha.yaml');
writeFileSync(join(folder, 'pg'), 'canary-of-a-password\n');
// On loopback addresses on which nothing listens.
writeFileSync(
  file,
  `regions:
${REGION('bare', '127.31.97', '')}
${REGION('named', '127.31.96', '    postgres: { port: 39990, user: m, password_file: pg }\n    dns: { master_port: 39997, slave_port: 39996, zones: [maas3], slaves: [] }\n')}
checks: { region-active: { enabled: false } }
`,
);

interface Said {
  readonly code: number;
  readonly stdout: string;
}

/** A command in this process: what it prints, and with what it would exit. */
async function run(command: () => Promise<void>): Promise<Said> {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const before = process.exitCode;
  process.exitCode = 0;
  try {
    await command();
    const stdout = write.mock.calls.map(([text]) => String(text)).join('');
    return { code: process.exitCode, stdout };
  } finally {
    write.mockRestore();
    process.exitCode = before;
  }
}
const lists = (options: Parameters<typeof list>[0]): Promise<Said> => run(() => list(options));
const checks = (names: readonly string[], options: Parameters<typeof check>[1]): Promise<Said> =>
  run(() => check(names, options));
const validates = (given: string, options: Parameters<typeof validate>[1]): Promise<Said> =>
  run(() => validate(given, options));

interface Item {
  readonly name: string;
  readonly here?: boolean;
  readonly why?: string;
  readonly absent?: readonly { readonly region: string; readonly why: string }[];
}

describe('maasha list', () => {
  it('says which regions have nothing for a check to look at', async () => {
    const { code, stdout } = await lists({ config: file });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^dns-serial .*\n.*\n {2}not in bare: no zones are configured/m);
    expect(stdout).toMatch(/^pgpool-watchdog .*\n.*\n {2}not in bare: .*\n {2}not in named: /m);
    expect(stdout).not.toMatch(/^vip .*\n.*\n {2}not in/m);
  });

  it('says it as JSON', async () => {
    const { stdout } = await lists({ config: file, json: true });
    const all = JSON.parse(stdout) as readonly Item[];
    const dns = all.find(({ name }) => name === 'dns-serial');
    expect(dns?.absent).toEqual([
      { region: 'bare', why: expect.stringContaining('no zones') as string },
    ]);
    expect(all.find(({ name }) => name === 'vip')?.absent).toEqual([]);
  });

  it('says of one region which checks exist there, and why the others do not', async () => {
    const { code, stdout } = await lists({ config: file, region: 'named' });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^named {2}VIP 127\.31\.96\.39, nodes rc1 \(127\.31\.96\.32\), rc2/);
    expect(stdout).toMatch(/^ {2}dns-serial +every 30s, at most/m);
    expect(stdout).toMatch(/^ {2}redundancy +after vip, /m);
    expect(stdout).toMatch(/^ {2}pgpool-watchdog +not here: no pgpool is configured/m);
    expect(stdout).toMatch(/^ {2}region-active +not here: it is switched off/m);
    expect(stdout).toMatch(/^ {2}monitor +not here: it looks at the monitor itself/m);
  });

  it('says that as JSON too, with every check that there is', async () => {
    const { stdout } = await lists({ config: file, region: 'bare', json: true });
    const all = JSON.parse(stdout) as readonly Item[];
    const by = new Map(all.map((item) => [item.name, item]));
    expect(by.get('vip')).toMatchObject({ here: true });
    expect(by.get('vip')).not.toHaveProperty('why');
    expect(by.get('dns-serial')).toMatchObject({
      here: false,
      why: expect.stringContaining('no zones') as string,
    });
    expect(by.has('monitor')).toBe(true);
  });

  it('refuses a region that there is not, and names those that there are', async () => {
    const said = lists({ config: file, region: 'nmaed' });
    await expect(said).rejects.toThrow(/no region is named nmaed; .* has bare, named$/);
    await expect(said).rejects.toMatchObject({ name: 'UsageError', code: 2 });
  });

  it('needs a configuration to speak of a region', async () => {
    const said = lists({ config: join(folder, 'none'), region: 'bare' });
    await expect(said).rejects.toThrow(ConfigError);
  });
});

describe('maasha check', () => {
  it('of a check that does not exist in the region says why, as nobody’s problem', async () => {
    const { code, stdout } = await checks(['dns-serial'], { config: file, region: 'bare' });
    expect(code).toBe(0);
    expect(stdout).toMatch(/skipped +dns-serial +no zones are configured/);
    const json = await checks(['dns-serial'], { config: file, region: 'bare', format: 'json' });
    expect(json.code).toBe(0);
    expect(JSON.parse(json.stdout)).toMatchObject({ state: 'skipped', exit: 0 });
  });

  it('tells Nagios that it knows nothing, instead of a green that means nothing', async () => {
    const options = { config: file, region: 'bare', format: 'nagios' } as const;
    const { code, stdout } = await checks(['dns-serial'], options);
    expect(code).toBe(3);
    expect(stdout).toMatch(/^MAASHA UNKNOWN - dns-serial: no zones are configured/);
    expect(stdout).not.toContain("'bare.dns-serial.duration'");
  });

  it('leaves it out where it was not named', async () => {
    const { stdout } = await checks([], { config: file, region: 'bare', format: 'json' });
    const { results } = JSON.parse(stdout) as { results: readonly { check: string }[] };
    expect(results.map(({ check }) => check)).toContain('vip');
    expect(results.map(({ check }) => check)).not.toContain('dns-serial');
  });

  it('says in its help what that exits with', async () => {
    const { stdout } = await maasha('check', '--help');
    expect(stdout).toContain('UNKNOWN (3)');
  });
});

describe('maasha validate --online', () => {
  it('says what may not be seen where nothing answers, and exits with 3; no secret is shown', async () => {
    const { code, stdout } = await validates(file, { online: true, region: 'named' });
    expect(code).toBe(3);
    expect(stdout).toContain('maasha.yaml: valid');
    expect(stdout).toMatch(/log in to the database maasdb +rc1, rc2 +not known/);
    expect(stdout).toContain('# let 127.0.0.1 reach port 39990');
    expect(stdout).not.toContain('bare\n');
    expect(stdout).not.toContain('canary');
  });

  it('is JSON for a script', async () => {
    const { code, stdout } = await validates(file, { online: true, region: 'bare', json: true });
    const answer = JSON.parse(stdout) as { exit: number; regions: readonly { region: string }[] };
    expect(answer.exit).toBe(code);
    expect(answer.regions.map(({ region }) => region)).toEqual(['bare']);
  });

  it('tells mistakes of the configuration instead of looking', async () => {
    const wrong = join(folder, 'wrong.yaml');
    writeFileSync(wrong, 'regions:\n  - { name: r, vip: nowhere, nodes: [] }\n');
    const said = validates(wrong, { online: true });
    await expect(said).rejects.toThrow('regions[0].vip: found "nowhere"');
  });

  it('refuses options that mean nothing without it', async () => {
    await expect(validates(file, { json: true })).rejects.toThrow(UsageError);
  });
});
