import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allOk, findings, lookUntil, maashaInLab } from '../support/lab.ts';
import { loadFaults } from './faults.ts';
import * as lab from './lab.ts';

/*
 * The monitor against the real components. `npm test` runs the few faults marked quick; all
 * of them are `npm run test:lab`.
 */

const reason = await lab.whyNot();
if (reason !== undefined) process.stderr.write(`lab tests are skipped: ${reason}\n`);
const full = process.env['MAASHA_LAB'] === 'full';

const FAULTS = [...(await loadFaults())].map(([fault, { sees, quick }]) => ({
  fault,
  sees,
  quick,
}));

const matches = (found: readonly string[], wanted: string): boolean =>
  found.some((finding) => finding === wanted || finding.startsWith(`${wanted} `));

describe.skipIf(reason !== undefined)('the real region', () => {
  let ours = false;
  beforeAll(async () => {
    ours = !lab.exists();
    await lab.up((line) => process.stderr.write(`lab: ${line}\n`));
  });
  afterAll(async () => {
    if (ours) await lab.down();
  });

  it('is well in every check, and exits with 0 as a Nagios plugin', async () => {
    await lookUntil(allOk, 'every check ok');
    const { code, stdout } = await maashaInLab('check', '--format', 'nagios');
    expect(stdout).toMatch(/^MAASHA OK - /);
    expect(code).toBe(0);
  });

  it('exits with 3 for a check whose credentials are wrong, and shows no password', async () => {
    const file = join(lab.paths.root, 'wrong.yaml');
    const secret = join(lab.paths.root, 'wrong-password');
    writeFileSync(secret, 'not-the-password\n');
    const right = readFileSync(lab.paths.config, 'utf8');
    writeFileSync(file, right.replace(/pcp_password_file: .*/, `pcp_password_file: ${secret}`));
    try {
      const answer = await maashaInLab(
        'check',
        'pgpool-watchdog',
        '--format',
        'nagios',
        '-c',
        file,
      );
      expect(answer.code).toBe(3);
      expect(answer.stdout).toContain('[auth]');
      expect(answer.stdout + answer.stderr).not.toContain('not-the-password');
    } finally {
      rmSync(file);
      rmSync(secret);
    }
  });

  it('reads the databases through SQL where no PCP account is given', async () => {
    const file = join(lab.paths.root, 'without-pcp.yaml');
    const lines = readFileSync(lab.paths.config, 'utf8').split('\n');
    writeFileSync(file, lines.filter((line) => !line.includes('pcp_')).join('\n'));
    try {
      const { code, stdout } = await maashaInLab(
        'check',
        'pgpool-watchdog',
        '--explain',
        '-c',
        file,
      );
      expect(code).toBe(0);
      expect(stdout).toMatch(
        /pgpool sees rc1 (up|waiting) as primary, rc2 (up|waiting) as standby/,
      );
      expect(stdout).toContain('watchdog state needs PCP');
    } finally {
      rmSync(file);
    }
  });

  it.each(FAULTS.filter(({ quick }) => full || quick === true))(
    '$fault is seen, and its healing too',
    async ({ fault, sees }) => {
      await lab.inject(fault);
      try {
        await lookUntil(
          (looked) => sees.every((wanted) => matches(findings(looked), wanted)),
          sees.join(', '),
          90_000,
        );
        if (fault === 'vip-nowhere')
          expect((await maashaInLab('check', '--format', 'nagios')).code).toBe(2);
      } finally {
        await lab.heal(fault);
      }
      await lookUntil(allOk, 'every check ok again');
    },
  );
});
