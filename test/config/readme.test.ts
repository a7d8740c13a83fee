import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ZodType } from 'zod';
import { loadConfig, type Config } from '../../src/config/load.ts';
import type { ConfigError } from '../../src/config/problem.ts';
import { loadChecks } from '../../src/runtime/catalogue.ts';
import { loadNotifiers } from '../../src/runtime/notifiers.ts';
import { scheduleProblem } from '../../src/runtime/schedule.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const blocksOf = (language: string): readonly string[] =>
  [...readme.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    ([, text = '']) => text,
  );

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'maasha-readme-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Loads the text, with a file for each secret that it names. */
async function load(yaml: string): Promise<Config> {
  const text = yaml.replaceAll(/\/etc\/maasha\/([\w.]+)/g, (_, name: string) => {
    writeFileSync(join(folder, name), name === 'rpc' ? 'c0ffee' : 'a-secret');
    return name;
  });
  const file = join(folder, 'maasha.yaml');
  writeFileSync(file, text);
  const notifiers = await loadNotifiers();
  return loadConfig(file, {
    checks: await loadChecks(),
    scheduleProblem,
    channels: notifiers.map(({ name, settings }) => ({ name, settings: settings as ZodType })),
  });
}

it('the configurations that the README shows are valid, its alerting included', async () => {
  const [first = '', ...others] = blocksOf('yaml');
  const alerting = others.find((text) => text.startsWith('alerting:')) ?? '';
  const config = await load(first + alerting);
  expect(config.regions.map(({ name }) => name)).toEqual(['maas3']);
  expect(config.alerting?.channels.map(({ name }) => name)).toEqual(
    (await loadNotifiers()).map(({ name }) => name),
  );
  for (const other of others.filter((text) => text !== alerting))
    await expect(load(other)).resolves.toBeDefined();
});

it('the mistakes that the README shows are told as it shows them', async () => {
  const shown = readme.split('\n').filter((line) => line.startsWith('maasha.yaml:'));
  const [first = ''] = blocksOf('yaml');
  const wrong = first
    .replace('vip: 172.31.16.39', 'vip: 172.31.16.390')
    .replace('trusted_servers:', 'trusted_server:');
  const told = await load(wrong).then(
    () => [],
    (error: unknown) => (error as ConfigError).problems,
  );
  expect(shown).toHaveLength(2);
  for (const [index, line] of shown.entries()) {
    // An ellipsis stands for what is left out.
    const pattern = line.split('…').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    expect(told[index]).toMatch(new RegExp(`/${pattern.join('.*')}`));
  }
});
