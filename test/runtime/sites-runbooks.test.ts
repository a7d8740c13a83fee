import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { overview } from '../../src/core/overview.ts';
import type { Region } from '../../src/core/region.ts';
import { loadChecks } from '../../src/runtime/catalogue.ts';
import { readRunbook, runbookNames, runbookText } from '../../src/runtime/runbooks.ts';
import { scheduleProblem } from '../../src/runtime/schedule.ts';
import { region as usual } from '../support/region.ts';

/* What an operator is told to paste on a site that has no pgpool. */

const folder = mkdtempSync(join(tmpdir(), 'maasha-runbooks-'));
writeFileSync(join(folder, 'pg'), 'canary\n');
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const checks = await loadChecks();
function site(name: string): Region {
  const file = join(folder, name);
  copyFileSync(new URL(`../sites/${name}`, import.meta.url), file);
  const [region] = loadConfig(file, { checks, scheduleProblem }).regions;
  if (region === undefined) throw new Error(name);
  return region;
}
const patroni = site('keepalived-patroni.yaml');

/** All facts are known, as far as a fact may be given. */
const given = {
  ...{ node: 'rc2', peer: 'rc2', backend: 'rc2', standby: 'rc2', other: 'rc1' },
  ...{ primary: 'rc1', leader: 'rc1', follower: 'rc2', holder: 'rc1', kept: 'rc1', rebuild: 'rc2' },
};
const textOf = (name: string, region: Region): string =>
  runbookText(readRunbook(name), { region, results: [], labels: {}, given });
const commandsIn = (text: string): readonly string[] =>
  [...text.matchAll(/^- run: `(.*)`$/gm)].map(([, command = '']) => command);

const aboutPgpool = (command: string): boolean =>
  /\bpcp_|\bpgpool|SHOW pool_/.test(command) && !command.startsWith('maasha ');

it.each(runbookNames())('%s gives no command of pgpool where there is none', (name) => {
  const commands = commandsIn(textOf(name, patroni));
  expect(commands.filter(aboutPgpool)).toEqual([]);
  // What is given is complete.
  expect(
    commands.filter((command) =>
      /⟨|undefined|\{/.test(command.replaceAll(/\{ .*? \}|\$\{.*?\}|awk '.*?'/g, '')),
    ),
  ).toEqual([]);
});

it('does give them where there is one', () => {
  const all = runbookNames().flatMap((name) => commandsIn(textOf(name, usual())));
  expect(all.filter(aboutPgpool).length).toBeGreaterThan(10);
});

it('says that the step is to be left out, and not how to find out who leads', () => {
  const text = runbookText(readRunbook('MaasHaPostgresDown'), {
    region: patroni,
    results: [],
    labels: { node: 'rc2' },
    given: {},
  });
  expect(text).toContain('- missing: this region has no pgpool: leave this step out');
  expect(text).not.toContain('pcp_watchdog_info');
});

it('the screen of a region speaks of what it has', () => {
  const topics = (region: Region) =>
    Object.fromEntries(overview(region, []).map(({ topic, says }) => [topic, says]));
  expect(Object.keys(topics(patroni))).not.toContain('watchdog');
  const one = topics(site('one-node.yaml'));
  expect(one['redundancy']).toBe('one node: no failure of it is survivable');
  const dns = { masterPort: 5353, slavePort: 53, zones: ['maas3'] };
  const ns1 = { name: 'ns1', address: '172.31.16.36' };
  expect(topics(usual({ dns: { ...dns, slaves: [ns1] } }))['DNS']).toContain('ns1 not known');
  expect(topics(usual({ dns: { ...dns, slaves: [] } }))['DNS']).toContain('no slaves');
});
