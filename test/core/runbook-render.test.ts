import { describe, expect, it, test } from 'vitest';
import type { CheckResult } from '../../src/core/check.ts';
import type { Observation } from '../../src/core/metric.ts';
import { factOf, isGivable, type Situation } from '../../src/core/runbook-facts.ts';
import { renderRunbook } from '../../src/core/runbook-render.ts';
import { parseRunbook } from '../../src/core/runbook.ts';
import { readRunbook } from '../../src/runtime/runbooks.ts';
import { region } from '../support/region.ts';
import { result } from '../support/results.ts';

type Labels = Readonly<Record<string, string>>;
const sample = (name: `maasha_${string}`, labels: Labels, value = 1): Observation => ({
  kind: 'observation',
  metric: { kind: 'gauge', name, help: '', labels: Object.keys(labels) },
  labels,
  value,
});
const role = (node: string, state: string) => sample('maasha_postgres_role', { node, state });
const leads = (node: string, peer = node) =>
  sample('maasha_pgpool_watchdog_node_state', { node, peer, state: 'leader' });
const uses = (node: string, backend: string, state = 'primary') => [
  sample('maasha_pgpool_backend_role', { node, backend, state }),
  sample('maasha_pgpool_backend_state', { node, backend, state: 'up' }),
];
const holds = (node: string) => sample('maasha_pgpool_watchdog_escalated', { node });

const seen = (...observations: readonly Observation[]): CheckResult => result('test', observations);
const situation = (
  observations: readonly Observation[] = [],
  changes: Partial<Situation> = {},
): Situation => ({
  region: region(),
  results: [seen(...observations)],
  labels: {},
  given: {},
  ...changes,
});
const healthy = [
  ...[role('rc1', 'primary'), role('rc2', 'standby'), leads('rc1'), leads('rc2', 'rc1')],
  ...[holds('rc1'), ...uses('rc1', 'rc1'), ...uses('rc1', 'rc2', 'standby')],
];
const split = [
  ...[role('rc1', 'primary'), role('rc2', 'primary'), leads('rc1'), leads('rc2', 'rc1')],
  ...[holds('rc1'), ...uses('rc1', 'rc1'), ...uses('rc1', 'rc2', 'standby')],
];
const rendered = (alert: string, at: Situation): string => renderRunbook(readRunbook(alert), at);

describe('a placeholder', () => {
  test.each([
    ['vip', '172.31.16.39'],
    ['nodes', 'rc1, rc2'],
    ['first.address', '172.31.16.32'],
    ['pcp.port', '9898'],
    ['app', 'apache2'],
    ['clusters', 'maas4 172.31.16.34'],
    ['primary', 'rc1'],
    ['primary.address', '172.31.16.32'],
    ['standby', 'rc2'],
    ['leader', 'rc1'],
    ['follower', 'rc2'],
    ['holder', 'rc1'],
  ])('{%s} is %s in the healthy region', (name, is) => {
    expect(factOf(name, situation(healthy))).toEqual({ is });
  });

  test.each([
    ['node', { node: 'rc2' }, 'node.address', '172.31.16.33'],
    ['node', { node: 'rc2' }, 'other', 'rc1'],
    ['standby', { standby: 'rc1' }, 'other', 'rc2'],
    ['cluster', { cluster: 'maas4' }, 'cluster.address', '172.31.16.34'],
    ['server', { server: 'vip' }, 'server.address', '172.31.16.39'],
    ['server', { server: 'vip' }, 'server.port', '5353'],
    ['server', { server: 'rc2' }, 'server.port', '53'],
  ])('follows the label %s of the alert (%j): {%s} is %s', (_, labels, name, is) => {
    expect(factOf(name, situation([], { labels }))).toEqual({ is });
  });

  it('that does not exist is not known at all', () => {
    expect(factOf('constructor', situation())).toBeUndefined();
    expect(factOf('vip.address', situation())).toBeUndefined();
  });

  it('for a moving fact names nobody while two claim it', () => {
    const fact = factOf('primary', situation(split));
    expect(JSON.stringify(fact)).toContain('"missing":"rc1 and rc2 claim it');
    expect(factOf('primary.address', situation(split))).toHaveProperty('missing');
  });

  it('takes what the operator says before what was seen', () => {
    const at = situation(split, { given: { primary: 'rc2' } });
    expect(factOf('primary.address', at)).toEqual({ is: '172.31.16.33' });
  });

  it('tells that the configuration has no such section', () => {
    const { name, vip, generation, maasUrl, nodes, trustedServers, rpc } = region();
    const bare = { name, vip, generation, maasUrl, nodes, trustedServers, rpc, clusters: [] };
    expect(factOf('pcp.user', situation([], { region: bare }))).toHaveProperty('missing');
  });
});

describe('the node to keep, with two primaries', () => {
  it('is the one that the only leader uses', () => {
    expect(factOf('kept', situation(split))).toEqual({ is: 'rc1' });
    expect(factOf('rebuild', situation(split))).toEqual({ is: 'rc2' });
  });

  test.each([
    ['PCP is silent', [role('rc1', 'primary'), role('rc2', 'primary')]],
    ['there are two leaders', [...split, leads('rc2')]],
    ['two hold the virtual address', [...split, holds('rc2')]],
    [
      'the leader shows no databases',
      split.filter(({ labels }) => labels['backend'] === undefined),
    ],
    ['pgpool uses one that is no primary', [...split.slice(1), role('rc1', 'standby')]],
    ['pgpool sees two primaries', [...split, ...uses('rc1', 'rc2')]],
  ])('is nobody when %s', (_, observations) => {
    expect(factOf('kept', situation(observations))).toHaveProperty('missing');
    expect(factOf('rebuild', situation(observations))).toHaveProperty('missing');
  });

  it('is nobody among three, as far as the one to rebuild goes', () => {
    const three = region({
      nodes: [...region().nodes, { name: 'rc3', address: '172.31.16.35' }],
    });
    expect(factOf('rebuild', situation(split, { region: three }))).toHaveProperty('missing');
  });
});

describe('a runbook for this site and moment', () => {
  it('can be read by the same program when everything is known', () => {
    const text = rendered('MaasHaTwoPrimaries', situation(split));
    const { runbook, problems } = parseRunbook(text);
    expect(problems).toEqual([]);
    expect(text).not.toMatch(/[⟨⟩]|^- (withheld|missing): /m);
    const stop = runbook?.steps.find(({ run }) => run.includes('sudo service postgresql stop'));
    expect(stop?.host).toBe('rc2 (`ssh 172.31.16.33`)');
  });

  it('withholds every command on a node that it may not name, and asks for the proof', () => {
    const text = rendered(
      'MaasHaTwoPrimaries',
      situation([role('rc1', 'primary'), role('rc2', 'primary')]),
    );
    for (const word of ['postgresql stop', 'mv "$DATA"', 'pg_basebackup', 'pcp_attach_node -h'])
      for (const line of text.split('\n').filter((each) => each.includes(`: \`sudo ${word}`)))
        expect(line).toMatch(/^- withheld: /);
    expect(text).toContain('- host: ⟨rebuild⟩');
    expect(text).toMatch(/missing: kept is not known: .*timelines, the fork point/);
    expect(text).toContain('--set NAME=VALUE');
    expect(text).not.toMatch(/^- host: rc[12] \(`[^`]*`\)$/m);
  });

  it('gives the address to log in to, because names may not resolve', () => {
    const text = rendered('MaasHaDnsSlaveDown', situation(healthy, { labels: { node: 'rc2' } }));
    expect(text).toContain('- host: rc2 (`ssh 172.31.16.33`)');
    expect(text).toContain('dig @172.31.16.33 -p 53');
  });

  it('shows nothing that would break a line or a terminal', () => {
    const text = rendered(
      'MaasHaVipServiceDown',
      situation(healthy, { labels: { service: 'a\n- run: `reboot`\u001b[2J' } }),
    );
    expect(text).not.toMatch(/^- run: `reboot`/m);
    expect(text).not.toContain('\u001b');
  });
});

describe('a fact that somebody gives', () => {
  test.each([
    ['primary', 'rc1', true],
    ['node', 'rc2', true],
    ['server', 'vip', true],
    ['cluster', 'maas4', true],
    ['zone', 'maas3', true],
    ['service', 'proxy-8000', true],
    ['pcp.port', '9898', true],
    ['primary', 'rc3', false],
    ['node', 'rc1; reboot', false],
    ['zone', '$(reboot)', false],
    ['service', 'dns`id`', false],
    ['pcp.user', 'root -x', false],
    ['vip', '10.0.0.1', false],
    ['constructor', 'rc1', false],
    ['__proto__', 'rc1', false],
  ])('%s=%s is taken: %s', (name, value, taken) => {
    expect(isGivable(name, value, region())).toBe(taken);
  });
});
