import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { artifacts, DELIVERED, FOLDERS, GENERATORS, MARK } from '../../src/generate/artifacts.ts';
import { loadChecks } from '../../src/runtime/catalogue.ts';

const checks = loadChecks();
const made = await artifacts();
const paths = made.map(({ path }) => path);

it('every generator there is makes at least one file', async () => {
  for (const name of Object.keys(GENERATORS))
    expect((await artifacts([name], checks)).length, name).toBeGreaterThan(0);
});

it('no two of them make the same file', () => {
  expect(new Set(paths).size).toBe(paths.length);
});

it('what is generated for one set of declarations is always the same', async () => {
  expect(await artifacts(undefined, checks)).toEqual(made);
});

it('what is generated goes only where the repository keeps such things', () => {
  const places = /^(alerts\/prometheus|grafana|checks\/METRICS|alerts\/RUNBOOKS)[\w./-]*[.]\w+$/;
  expect(paths.filter((path) => !places.test(path) || path.includes('..'))).toEqual([]);
});

it('a folder in which things come and go holds what one generator makes, and nothing else', async () => {
  for (const [name, folder] of Object.entries(FOLDERS)) {
    const own = (await artifacts([name], checks)).map(({ path }) => path);
    expect(own.filter((path) => !path.startsWith(`${folder}/`))).toEqual([]);
    expect(paths.filter((path) => path.startsWith(`${folder}/`)).sort()).toEqual(own.sort());
  }
});

describe.each(made)('$path', ({ path, text }) => {
  it('says that it is generated, and by what', () => {
    expect(text).toContain(MARK);
  });

  it('ends with one newline and holds no trailing blanks', () => {
    expect(text).toMatch(/[^\n]\n$/);
    expect(text.split('\n').filter((line) => /[ \t]$/.test(line))).toEqual([]);
  });

  it('is committed as it would be generated now (else: npm run generate)', () => {
    expect(readFileSync(path, 'utf8')).toBe(text);
  });
});

it('for a site, no link leads to the addresses that stand for any site', async () => {
  const settings = { publicUrl: 'http://m', grafanaUrl: 'http://g', regions: [] };
  for (const { path, text } of await artifacts(undefined, checks, settings)) {
    expect(text, path).not.toContain(DELIVERED.publicUrl);
    expect(text, path).not.toContain(DELIVERED.grafanaUrl);
  }
});
