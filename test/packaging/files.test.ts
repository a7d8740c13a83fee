import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { loadChecks } from '../../src/runtime/catalogue.ts';
import { scheduleProblem } from '../../src/runtime/schedule.ts';

const folder = mkdtempSync(join(tmpdir(), 'maasha-packaging-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const at = (name: string): string => `src/packaging/${name}`;

it('the example configuration is right, but for the secrets that it names', async () => {
  const text = readFileSync(at('maasha.example.yaml'), 'utf8');
  const secrets = ['pg', 'pcp'].map((name) => {
    const file = join(folder, name);
    writeFileSync(file, 'secret\n', { mode: 0o600 });
    return [`/etc/maasha/${name}`, file] as const;
  });
  const own = secrets.reduce((all, [theirs, ours]) => all.replaceAll(theirs, ours), text);
  const file = join(folder, 'maasha.yaml');
  writeFileSync(file, own);
  const channels = [{ name: 'console', settings: z.unknown() }];
  const { regions } = loadConfig(file, { checks: await loadChecks(), scheduleProblem, channels });
  expect(regions.map(({ name }) => name)).toEqual(['maas3']);
});

describe('what is packed', () => {
  const { files } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    files: readonly string[];
  };

  it('is what the installed command and its operators need, and no tests', () => {
    expect(files).toEqual(expect.arrayContaining(['dist/', 'alerts/runbooks/', 'src/packaging/']));
    expect(files.filter((each) => /^(test|checks|src\/$)/.test(each))).toEqual([]);
    for (const each of files.filter((name) => !/^(!|dist)/.test(name)))
      expect(existsSync(each), each).toBe(true);
  });
});

const mayMount = process.getuid?.() === 0 && existsSync('/usr/bin/systemd-analyze');

describe.skipIf(!mayMount)('the unit', () => {
  it('is without a fault for systemd, with its drop-in, too', () => {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'maasha'), '#!/bin/sh\n');
    chmodSync(join(bin, 'maasha'), 0o755);
    const unit = join(folder, 'maasha.service');
    copyFileSync(at('maasha.service'), unit);
    mkdirSync(`${unit}.d`);
    copyFileSync(at('dhcp.conf'), join(`${unit}.d`, 'dhcp.conf'));
    // It takes the command for installed, and nothing outside of this mount namespace sees that.
    const script = `mount --bind ${bin} /usr/local/bin && exec /usr/bin/systemd-analyze verify --man=no ${unit}`;
    const { status, stderr } = spawnSync('unshare', ['-m', 'sh', '-c', script], {
      encoding: 'utf8',
    });
    expect(stderr.split('\n').filter((line) => line.includes('maasha'))).toEqual([]);
    expect(status).toBe(0);
  });

  it('leaves the service exposed to little', () => {
    const argv = ['security', '--offline=true', '--threshold=25', at('maasha.service')];
    const { status, stdout } = spawnSync('systemd-analyze', argv, { encoding: 'utf8' });
    expect(status, stdout).toBe(0);
  });
});
