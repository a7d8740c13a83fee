import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ended, maasha, says, spawnMaasha } from '../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'maasha-cli-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const write = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};

/** A region on loopback addresses on which nothing listens: every service refuses. */
const dead = write(
  'dead.yaml',
  `listen: { socket: ${join(folder, 'http.sock')} }
regions:
  - name: dead
    vip: 127.31.99.39
    maas_url: http://127.31.99.39:39999/MAAS
    nodes:
      - { name: rc1, address: 127.31.99.32 }
      - { name: rc2, address: 127.31.99.33 }
    pgpool: { port: 39998 }
    dns: { master_port: 39997, slave_port: 39996, zones: [maas3] }
`,
);
const wrong = write('wrong.yaml', 'regions:\n  - { name: r, vip: nowhere, nodes: [] }\n');

it.skipIf(!existsSync('dist/src/cli/main.js'))(
  'is a command that npx can call, once it is built',
  () => {
    expect(statSync('dist/src/cli/main.js').mode & 0o111).toBe(0o111);
  },
);

it('uses no colours in a pipe, not even on CI', async () => {
  const { stdout } = await ended(spawnMaasha(['check', 'vip', '-c', dead], { CI: 'true' }));
  expect(stdout).not.toContain('\u001b');
});

describe('maasha', { concurrent: true }, () => {
  it('helps', async () => {
    const { code, stdout } = await maasha('--help');
    expect(code).toBe(0);
    for (const word of ['run', 'check', 'status', 'list', 'validate', 'Exit codes'])
      expect(stdout).toContain(word);
  });

  it('refuses a command that does not exist', async () => {
    const { code, stderr } = await maasha('chekc');
    expect(code).toBe(2);
    expect(stderr).toContain("unknown command 'chekc'");
    expect(stderr).toContain('Did you mean check?');
  });

  it('refuses an option that it does not know', async () => {
    const { code, stderr } = await maasha('check', '--format', 'xml');
    expect(code).toBe(2);
    expect(stderr).toContain('Allowed choices are human, json, nagios');
  });

  it('lists the checks without any configuration', async () => {
    const { code, stdout } = await maasha('list', '--json');
    expect(code).toBe(0);
    const names = (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['vip', 'dns-serial', 'redundancy']));
  });

  it('validates, telling every mistake with its line, and exits with 2', async () => {
    const { code, stderr } = await maasha('validate', wrong);
    expect(code).toBe(2);
    expect(stderr).toContain('wrong.yaml:2:21: regions[0].vip: found "nowhere"');
    expect(stderr).toContain('regions[0].maas_url: found nothing');
    expect(stderr).toContain('regions[0].nodes: found []');
    expect(stderr).not.toMatch(/^ +at /m);
  });

  it('says that a configuration is right', async () => {
    const { code, stdout } = await maasha('validate', dead);
    expect(code).toBe(0);
    expect(stdout).toContain('valid');
  });

  it('says where it looked for a configuration', async () => {
    const { code, stderr } = await maasha('check', '--config', join(folder, 'none.yaml'));
    expect(code).toBe(2);
    expect(stderr).toContain('none.yaml');
  });

  it('refuses a check that does not exist, and names those that do', async () => {
    const { code, stderr } = await maasha('check', 'vpi', '-c', dead);
    expect(code).toBe(2);
    expect(stderr).toContain('no check is named vpi; there is');
  });

  it('exits with 2 for a dead region, as a Nagios plugin does', async () => {
    const { code, stdout } = await maasha('check', 'vip', '-c', dead, '--format', 'nagios');
    expect(code).toBe(2);
    expect(stdout).toMatch(/^MAASHA CRITICAL - vip: .* \| 'dead\.vip\.duration'=[\d.]+s /);
  });

  it('exits with 3 as a Nagios plugin when it is the monitor that is wrong', async () => {
    const { code, stdout } = await maasha('check', '-c', wrong, '--format', 'nagios');
    expect(code).toBe(3);
    expect(stdout).toMatch(/^MAASHA UNKNOWN - /);
  });

  it('gives JSON that a script may read', async () => {
    const { code, stdout } = await maasha('check', 'vip', '-c', dead, '--format', 'json');
    const answer = JSON.parse(stdout) as { state: string; exit: number };
    expect(answer).toMatchObject({ state: 'critical', exit: code });
  });

  it('shows the region on one screen', async () => {
    const { code, stdout } = await maasha('status', '-c', dead);
    expect(code).toBe(2);
    expect(stdout).toMatch(/dead {2}VIP 127\.31\.99\.39 {2}critical/);
    expect(stdout).toContain('redundancy');
  });

  it('runs until it is told to stop, and tells what it sees', async () => {
    const child = spawnMaasha(['run', '-c', dead]);
    const end = ended(child);
    try {
      await says(child, /watching dead: VIP 127\.31\.99\.39[\s\S]*vip {2}critical/);
      child.kill('SIGTERM');
      expect((await end).code).toBe(0);
    } finally {
      child.kill('SIGKILL');
    }
  });
});
