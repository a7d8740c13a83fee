import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gauge, stateset } from '../../src/core/metric.ts';
import type { Rule } from '../../src/core/rule.ts';
import { seconds } from '../../src/core/time.ts';
import { artifacts, DELIVERED } from '../../src/generate/artifacts.ts';
import { declaredBy, type Declared, type Settings } from '../../src/generate/declared.ts';
import { reference } from '../../src/generate/reference.ts';
import { runbookIndex } from '../../src/generate/runbook-index.ts';
import { causeWords, patienceWords, valueWords } from '../../src/generate/words.ts';
import { loadChecks } from '../../src/runtime/catalogue.ts';
import { probeMetrics } from '../../src/runtime/probe-metrics.ts';

const declared = declaredBy(await loadChecks());
const pages = await artifacts(['reference', 'runbooks']);
const pageOf = (end: string): string => pages.find(({ path }) => path.endsWith(end))?.text ?? '';
const [metrics, index] = [pageOf('METRICS.md'), pageOf('RUNBOOKS.md')];

/** The part of the reference on one metric. */
const entryOf = (text: string, name: string): string =>
  new RegExp(`^### \`${name}\`\\n[^]*?(?=^#|(?![^]))`, 'm').exec(text)?.[0] ?? '';

describe('the reference of the metrics', () => {
  it('has each declared metric once, with its help, kind and labels', () => {
    for (const { metric } of declared.metrics) {
      const entry = entryOf(metrics, metric.name);
      expect(metrics.split(`### \`${metric.name}\`\n`)).toHaveLength(2);
      expect(entry).toContain(`\n${metric.help}\n`);
      expect(entry).toContain(`- ${metric.kind}`);
      for (const label of metric.labels) expect(entry).toContain(`\`${label}\``);
      for (const state of metric.states ?? []) expect(entry).toContain(`\`${state}\``);
    }
  });

  it('has the names that /probe shows for others', () => {
    for (const { name, help } of probeMetrics) expect(entryOf(metrics, name)).toContain(help);
  });

  it('has each rule at the metric that it judges, and at no other', () => {
    for (const { rule } of declared.rules) {
      const entry = entryOf(metrics, rule.metric.name);
      expect(entry).toContain(`[${rule.name}](../alerts/runbooks/${rule.name}.md)`);
      expect(metrics.split(`[${rule.name}](`)).toHaveLength(2);
    }
  });

  it('says the unit that the name promises, and the label region where it is', () => {
    const line = (name: string) => entryOf(metrics, name).split('\n')[4];
    expect(line('maasha_vip_icmp_loss_ratio')).toBe('- gauge, ratio, 0 to 1; labels `region`');
    expect(line('maasha_heartbeat_timestamp_seconds')).toBe(
      '- gauge, seconds since 1970-01-01 UTC',
    );
    expect(line('maasha_postgres_divergent_wal_bytes')).toBe(
      '- gauge, bytes; labels `region`, `node`',
    );
    expect(line('maasha_vip_up')).toBe('- gauge; labels `region`');
  });

  it('says threshold, clearing and patience of a rule', () => {
    expect(entryOf(metrics, 'maasha_postgres_replication_lag_bytes')).toContain(
      '(critical) when `{stage="replay"} > 67108864, until < 16777216` for 2m',
    );
  });

  it('names the panels that show a metric', async () => {
    const shown = [...metrics.matchAll(/^- shown: (.+)$/gm)].map(([, panels]) => panels ?? '');
    const titles = (await artifacts(['dashboards'])).map(
      ({ text }) => (JSON.parse(text) as { title: string }).title,
    );
    expect(titles.length).toBeGreaterThan(0);
    for (const title of titles) expect(shown.some((panels) => panels.includes(title))).toBe(true);
  });

  it('refuses a label that nobody has explained, and says where to', async () => {
    const odd = gauge({ name: 'maasha_odd', help: 'Odd.', labels: ['oddity'] });
    const more: Declared = {
      ...declared,
      metrics: [...declared.metrics, { metric: odd, from: 'the monitor' }],
    };
    await expect(reference(more, DELIVERED)).rejects.toThrow(
      'maasha_odd: the meaning of its label "oddity" is not known, expected a line in src/generate/labels.ts',
    );
  });
});

describe('the index of the runbooks', () => {
  it('has each alert once, with severity, sentence, metric and patience', () => {
    for (const { rule } of declared.rules) {
      const [row, second] = index
        .split('\n')
        .filter((line) => line.startsWith(`| [${rule.name}](runbooks/${rule.name}.md) `));
      expect(second).toBeUndefined();
      for (const part of [rule.severity, rule.summary, rule.metric.name, valueWords(rule)])
        expect(row).toContain(part);
      for (const { alert } of rule.inhibitedBy ?? []) expect(row).toContain(alert);
    }
  });

  it('has six cells in each row of its tables', () => {
    const rows = index.split('\n').filter((line) => line.startsWith('|'));
    expect(rows.filter((row) => row.split(/(?<!\\)\|/).length !== 8)).toEqual([]);
  });
});

describe('links', () => {
  it.each(pages)('in $path lead to files and headings that exist', ({ path, text }) => {
    const links = [...text.matchAll(/\]\(([^)#]*)(?:#([^)]*))?\)/g)];
    expect(links.length).toBeGreaterThan(100);
    for (const [, file = '', anchor] of links) {
      const target = file === '' ? path : join(dirname(path), file);
      expect(existsSync(target), target).toBe(true);
      if (anchor !== undefined) expect(headingsOf(target), `${target}#${anchor}`).toContain(anchor);
    }
  });

  it('lead to the monitor itself, for a site', async () => {
    const site: Settings = { ...DELIVERED, publicUrl: 'http://m:1', regions: [] };
    for (const generator of [reference, runbookIndex]) {
      const [page] = await generator(declared, site);
      expect(page?.text).toContain('[MaasHaTwoPrimaries](http://m:1/runbooks/MaasHaTwoPrimaries)');
    }
  });
});

/** Anchors of a page, as GitHub makes them. */
const headingsOf = (path: string): readonly string[] =>
  (pages.find((page) => page.path === path)?.text ?? '')
    .split('\n')
    .filter((line) => line.startsWith('#'))
    .map((line) => line.replace(/^#+ /, '').toLowerCase())
    .map((heading) => heading.replaceAll(/[^\w -]/g, '').replaceAll(' ', '-'));

const metric = stateset({ name: 'maasha_x', help: 'X.', labels: ['node'], states: ['a', 'b'] });
const rule = (changes: Partial<Rule>): Rule => ({
  name: 'MaasHaX',
  severity: 'warning',
  metric,
  when: { above: 3 },
  for: seconds(90),
  summary: 'X',
  ...changes,
});

it.each([
  [rule({}), '> 3', 'for 1m 30s'],
  [rule({ when: { below: 0.5 }, clear: { above: 0.6 } }), '< 0.5, until > 0.6', 'for 1m 30s'],
  [rule({ where: { state: 'a', node: 'n' } }), '{state="a", node="n"} > 3', 'for 1m 30s'],
  [rule({ when: { equal: 0 }, for: seconds(0) }), '= 0', 'at once'],
  [rule({ confirm: true, for: seconds(0) }), '> 3', 'seen twice, at once'],
])('a rule is worded as %#: %s', (given, values, patience) => {
  expect(valueWords(given)).toBe(values);
  expect(patienceWords(given)).toBe(patience);
});

it.each([
  [[{ alert: 'A' }], ['A']],
  [[{ alert: 'A', on: { node: 'node' } }], ['A (same node)']],
  [[{ alert: 'A', on: { standby: 'node' } }], ['A (node = this standby)']],
  [[{ alert: 'A', where: { service: 'dns' } }], ['A (service="dns")']],
  [[{ alert: 'A', only: { server: 'vip' } }], ['A (explains only server="vip")']],
  [[{ alert: 'A', every: 'node' }], ['A (for every node)']],
  [
    [{ alert: 'A', and: [{ alert: 'B' }] }, { alert: 'C' }],
    ['A with B', 'C'],
  ],
] as const)('what explains a rule is worded: %j', (inhibitedBy, words) => {
  expect(causeWords(rule({ inhibitedBy }))).toEqual(words);
});
