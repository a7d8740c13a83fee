import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ZodType } from 'zod';
import { loadConfig } from '../../src/config/load.ts';
import { loadChecks } from '../../src/runtime/catalogue.ts';
import { loadNotifiers } from '../../src/runtime/notifiers.ts';
import { scheduleProblem } from '../../src/runtime/schedule.ts';

it('the configuration that the README shows is valid, its alerting included', async () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const blocks = [...readme.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml = '']) => yaml);
  const folder = mkdtempSync(join(tmpdir(), 'maasha-readme-'));
  try {
    const text = blocks.join('').replaceAll(/\/etc\/maasha\/(\w+)/g, (_, name: string) => {
      writeFileSync(join(folder, name), name === 'rpc' ? 'c0ffee' : 'a-secret');
      return name;
    });
    const file = join(folder, 'maasha.yaml');
    writeFileSync(file, text);
    const notifiers = await loadNotifiers();
    const config = loadConfig(file, {
      checks: await loadChecks(),
      scheduleProblem,
      channels: notifiers.map(({ name, settings }) => ({ name, settings: settings as ZodType })),
    });
    expect(config.regions.map(({ name }) => name)).toEqual(['maas3']);
    expect(config.alerting?.channels.map(({ name }) => name)).toEqual(
      notifiers.map(({ name }) => name),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
