import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { gauge, observe, type Metric } from '../../src/core/metric.ts';
import { Exposition, registryText, render, type Seen } from '../../src/runtime/exposition.ts';

const disk = gauge({ name: 'maasha_disk', help: 'Bytes.', labels: ['node', 'path'] });
const up = gauge({ name: 'maasha_up', help: '1 is up.', labels: ['node'] });
const onUp = (node: string, value: number) => observe(up, value, { node });
const seen = (...observations: Seen['observations']): Seen => ({ region: 'maas3', observations });
const linesOf = (page: string): string[] =>
  page.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

/** What prom-client says of the same, without the blank lines that one of the formats forbids. */
async function byPromClient(all: readonly Seen[]): Promise<string> {
  const registry = new Registry();
  const families = new Map<string, Gauge>();
  for (const { region, observations } of all)
    for (const { metric, labels, value } of observations) {
      const { name, help } = metric;
      const labelNames = ['region', ...metric.labels];
      const family =
        families.get(name) ?? new Gauge({ name, help, labelNames, registers: [registry] });
      families.set(name, family);
      // It writes labels in the order in which it is given them: ours is the declared one.
      const ordered = Object.fromEntries(
        metric.labels.map((label) => [label, labels[label] ?? '']),
      );
      family.set({ region, ...ordered }, value);
    }
  return normal(await registry.metrics());
}

/** It writes NaN as nothing else does. */
const normal = (page: string): string =>
  page.replaceAll('\n\n', '\n').replaceAll(/ Nan$/gm, ' NaN').replace(/^\n$/, '');

const text = fc.oneof(
  fc.constantFrom('rc1', 'rc2', '', '"', '\\', '\n', 'a\\n', '’', '日本'),
  fc.string({ unit: 'grapheme', maxLength: 5 }),
);
const value = fc.oneof(
  fc.constantFrom(0, 1),
  fc.double(),
  fc.integer(),
  fc.constantFrom(NaN, Infinity, -Infinity, -0),
);
const observation = fc.oneof(
  fc.record({ node: text, value }).map(({ node, value: to }) => onUp(node, to)),
  fc
    .record({ node: text, path: text, value })
    .map(({ node, path, value: to }) => observe(disk, to, { path, node })),
);
const scrape = fc.array(
  fc.record({ region: fc.constantFrom('maas3', 'b"'), observations: fc.array(observation) }),
);

describe('a page', () => {
  it('says what prom-client would say, whatever was shown before', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(scrape, { minLength: 1, maxLength: 5 }), async (scrapes) => {
        const exposition = new Exposition();
        for (const each of scrapes)
          expect(sorted(exposition.render(each, 'text'))).toEqual(sorted(await byPromClient(each)));
      }),
      { numRuns: 100 },
    );
  });

  it('has the order of prom-client too, where one region is shown after the other', async () => {
    const all = [seen(onUp('rc2', 1), onUp('rc1', 0), observe(disk, 2, { node: 'a', path: 'b' }))];
    expect(new Exposition().render(all, 'text')).toBe(await byPromClient(all));
  });

  it.each([
    [0, 1],
    [1, NaN],
    [NaN, 0],
    [Infinity, -Infinity],
  ])('shows what is new of a series that it knows: first %s, then %s', (before, now) => {
    const exposition = new Exposition();
    exposition.render([seen(onUp('a', before), onUp('b', 1))], 'text');
    expect(exposition.render([seen(onUp('a', now), onUp('b', 1))], 'text')).toBe(
      new Exposition().render([seen(onUp('a', now), onUp('b', 1))], 'text'),
    );
  });

  it('is the same when it is shown again', () => {
    const exposition = new Exposition();
    const all = (): Seen[] => [seen(onUp('rc1', NaN), onUp('rc2', 1))];
    expect(exposition.render(all(), 'text')).toBe(exposition.render(all(), 'text'));
  });

  it('keeps the samples of one family together, and says once what it is', () => {
    const page = new Exposition().render(
      [
        seen(onUp('rc1', 1), observe(disk, 1, { node: 'rc1', path: '/' }), onUp('rc2', 1)),
        { region: 'other', observations: [onUp('rc1', 0)] },
      ],
      'text',
    );
    expect(linesOf(page).map((line) => line.split('{')[0])).toEqual([
      ...['maasha_up', 'maasha_up', 'maasha_up'],
      'maasha_disk',
    ]);
    expect(page.match(/# TYPE maasha_up gauge/g)).toHaveLength(1);
  });

  it('shows the later one of two samples of one series, scrape after scrape', () => {
    const exposition = new Exposition();
    for (const value of [1, 2, 3])
      expect(
        linesOf(exposition.render([seen(onUp('a', 0), onUp('b', 5), onUp('a', value))], 'text')),
      ).toEqual([
        `maasha_up{region="maas3",node="a"} ${value}`,
        'maasha_up{region="maas3",node="b"} 5',
      ]);
  });

  it('drops the last series of a family as soon as it is not seen', () => {
    const exposition = new Exposition();
    exposition.render([seen(onUp('a', 1), onUp('b', 1))], 'text');
    expect(linesOf(exposition.render([seen(onUp('a', 1))], 'text'))).toEqual([
      'maasha_up{region="maas3",node="a"} 1',
    ]);
    expect(exposition.render([], 'text')).toBe('');
  });

  it('takes a declaration that has changed as it is now', () => {
    const exposition = new Exposition();
    exposition.render([seen(onUp('a', 1))], 'text');
    const other: Metric = { ...up, help: 'Other.', labels: ['host'] };
    expect(exposition.render([seen(observe(other, 1, { host: 'a' }))], 'text')).toBe(
      '# HELP maasha_up Other.\n# TYPE maasha_up gauge\nmaasha_up{region="maas3",host="a"} 1\n',
    );
  });

  it('remembers nothing of what it does not show any more, in ten thousand scrapes', async () => {
    const exposition = new Exposition();
    const gone = Array.from({ length: 10_000 }, (_, turn) => {
      const metric = gauge({ name: `maasha_${turn % 7}`, help: `${turn}`, labels: ['node'] });
      exposition.render([seen(observe(metric, 1, { node: `rc${turn}` }))], 'text');
      return new WeakRef(metric);
    });
    exposition.render([seen(onUp('rc1', 1))], 'text');
    // A reference that was just made keeps its object until the end of the turn.
    await new Promise(setImmediate);
    collectGarbage();
    expect(gone.filter((metric) => metric.deref() !== undefined)).toEqual([]);
    expect(exposition.render([seen(onUp('rc1', 1))], 'text')).toContain('rc1');
  });
});

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const sorted = (page: string): string[] => page.split('\n').sort();

describe('what prom-client counts', () => {
  function registry(): Registry {
    const registers = [new Registry()];
    const runs = new Counter({
      name: 'maasha_runs_total',
      help: 'Runs.',
      labelNames: ['check'],
      registers,
    });
    runs.inc({ check: 'a"\n\\' }, 2);
    const took = new Histogram({ name: 'maasha_took', help: 'T.', buckets: [0.5, 1], registers });
    took.observe(0.7);
    new Gauge({ name: 'maasha_g', help: 'G\\.', registers }).set(-Infinity);
    return registers[0]!;
  }

  it('is said as it says it itself', async () => {
    expect(await registryText(registry(), 'text')).toBe(normal(await registry().metrics()));
  });

  it('is said in OpenMetrics as it says it itself', async () => {
    const itself = registry();
    itself.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never);
    expect(`${await registryText(registry(), 'openmetrics')}# EOF\n`).toBe(await itself.metrics());
  });

  it('keeps its name in the one format after it was said in the other', async () => {
    const counted = registry();
    const before = await registryText(counted, 'text');
    await registryText(counted, 'openmetrics');
    expect(await registryText(counted, 'text')).toBe(before);
  });

  it('comes first on a page of one moment', async () => {
    const page = await render([seen(onUp('a', 1))], registry());
    expect(linesOf(page)[0]).toContain('maasha_runs_total');
    expect(linesOf(page).at(-1)).toBe('maasha_up{region="maas3",node="a"} 1');
  });
});
