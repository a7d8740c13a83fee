import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { noPrometheus, startPrometheus, type Prometheus } from '../support/prometheus.ts';
import { loadFaults } from './faults.ts';
import { askAll } from './queries-ask.ts';
import { EXPECTED } from './queries-expected.ts';
import { askedByDashboards, variables } from './queries-panels.ts';
import { inFault, regionsOf, samplesIn, served, type Samples } from './queries-recorded.ts';
import { complaintsOf, HEALTHY, type Phase } from './queries-report.ts';

/*
 * Every query of every dashboard on a real Prometheus that scrapes what the monitor said of the lab: each
 * fault that was recorded is a region of its own. `npm run lab -- queries` does it with the lab itself.
 */

const reason = noPrometheus();
if (reason !== undefined) process.stderr.write(`the queries are not executed: ${reason}\n`);

const ROOT = join(import.meta.dirname, '..', '..');
const FOLDER = join(ROOT, 'test', 'golden', 'metrics');
const RULES = join(ROOT, 'alerts', 'prometheus', 'rules');

function recorded(): ReadonlyMap<string, Samples> {
  const read = (name: string): string => readFileSync(join(FOLDER, `${name}.prom`), 'utf8');
  const healthy = samplesIn(read(HEALTHY));
  const faults = readdirSync(FOLDER)
    .map((file) => file.replace(/\.prom$/, ''))
    .filter((name) => name !== HEALTHY)
    .map((name) => [name, inFault(healthy, read(name))] as const);
  return new Map([[HEALTHY, healthy], ...faults]);
}

interface RuleFile {
  readonly groups: readonly {
    readonly name: string;
    readonly rules: readonly Readonly<Record<string, unknown>>[];
  }[];
}

/** The generated rules without their waits: what is bad at a moment, fires. */
function impatientRules(): string {
  const groups = readdirSync(RULES)
    .filter((file) => file !== 'inhibitors.yml')
    .flatMap((file) => (parse(readFileSync(join(RULES, file), 'utf8')) as RuleFile).groups);
  return JSON.stringify({
    groups: groups.map(({ name, rules }) => ({
      name,
      interval: '2s',
      rules: rules.map((rule) => ({ ...rule, for: '0s', keep_firing_for: '0s' })),
    })),
  });
}

const texts = recorded();
const names = [...texts.keys()];
const since = Date.now();

function face(): Server {
  return createServer((request, response) => {
    const region = (request.url ?? '').slice(1);
    const samples = texts.get(region);
    response.writeHead(samples === undefined ? 404 : 200, { 'content-type': 'text/plain' });
    response.end(samples === undefined ? '' : served(samples, region, Date.now()));
  });
}

async function prometheusOn(port: number): Promise<Prometheus> {
  return startPrometheus({
    config: {
      global: { scrape_interval: '2s', scrape_timeout: '2s' },
      rule_files: ['rules.yml'],
      scrape_configs: [
        {
          job_name: 'maasha',
          honor_labels: true,
          static_configs: names.map((name) => ({
            targets: [`127.0.0.1:${port}`],
            labels: { instance: name, __metrics_path__: `/${name}` },
          })),
        },
      ],
    },
    files: { 'rules.yml': impatientRules() },
  });
}

/** Enough samples for a rate, and rules that were evaluated on them. */
async function caughtUp(prometheus: Prometheus): Promise<void> {
  const enough = `count(count_over_time(up[1m]) >= 3) == ${names.length}`;
  while ((await prometheus.query(enough)).length === 0) await pause(100);
  const from = Date.now();
  const isOld = ({ lastEvaluation }: { readonly lastEvaluation: string }): boolean =>
    Date.parse(lastEvaluation) <= from;
  while ((await prometheus.rules()).some(isOld)) await pause(100);
}

describe.skipIf(reason !== undefined)('the dashboards on what was recorded of the lab', () => {
  let server: Server;
  let prometheus: Prometheus;
  let phases: readonly Phase[];

  beforeAll(async () => {
    server = face();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    prometheus = await prometheusOn((server.address() as AddressInfo).port);
    await caughtUp(prometheus);
    const asked = askedByDashboards();
    const all = Object.fromEntries(variables().map(({ name }) => [name, '.*']));
    const at = Date.now();
    phases = await Promise.all(
      names.map(async (name) => {
        const one = { ...all, region: regionsOf(name).join('|') };
        const question = name === HEALTHY ? { at, since, one, all } : { at, one };
        const outcomes = await askAll(prometheus, asked, question);
        return { name, outcomes, alerts: [], lint: [], remarks: [] };
      }),
    );
  });
  afterAll(async () => {
    await prometheus.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('has a record of at least six faults, and knows what the dashboards must show of each', () => {
    expect(names.length).toBeGreaterThan(6);
    expect(Object.keys(EXPECTED)).toEqual(
      expect.arrayContaining(names.filter((name) => name !== HEALTHY)),
    );
  });

  it('executes every query, has series where all is well, and shows each fault', () => {
    expect(phases[0]?.outcomes.length).toBeGreaterThan(0);
    expect(complaintsOf(phases, { onlyNow: true })).toEqual([]);
  });

  it.each(names)('fires in %s what there is to see, by the generated rules', async (name) => {
    const sees = (await loadFaults()).get(name)?.sees ?? [];
    const fired = (await prometheus.alerts())
      .filter(({ labels }) => regionsOf(name).includes(labels['region'] ?? ''))
      .map(({ labels }) => labels['alertname'] ?? '');
    expect(fired).toEqual(expect.arrayContaining(sees.map((each) => each.split(' ')[0])));
    if (name === HEALTHY) expect(fired).toEqual([]);
  });
});
