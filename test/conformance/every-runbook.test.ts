import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LABELS, PLACEHOLDERS } from '../../src/core/runbook-facts.ts';
import { formatRunbook, placeholdersIn, renderRunbook } from '../../src/core/runbook-render.ts';
import { parseRunbook, SECTIONS } from '../../src/core/runbook.ts';
import { FRESHNESS_ALERTS } from '../../src/generate/prometheus/freshness.ts';
import { loadChecks } from '../../src/runtime/catalogue.ts';
import { readRunbook, runbookNames } from '../../src/runtime/runbooks.ts';
import { programsOf, shellNames } from '../support/commands.ts';
import { region } from '../support/region.ts';

const rules = (await loadChecks()).flatMap((check) => check.rules);
const names = runbookNames();
const sourceOf = (alert: string): string => readFileSync(`alerts/runbooks/${alert}.md`, 'utf8');

/** Programs of Debian and Ubuntu, of pgpool, PostgreSQL and BIND, and our own: nothing else is advised. */
const PROGRAMS = new Set([
  ...[
    'maasha',
    'service',
    'ps',
    'pkill',
    'ip',
    'arping',
    'ping',
    'nc',
    'ss',
    'iptables',
    'nft',
    'curl',
  ],
  ...['df', 'ls', 'mv', 'install', 'tail', 'grep', 'find', 'sha256sum', 'uptime', 'apt-get'],
  ...['psql', 'pg_lsclusters', 'pg_ctlcluster', 'pg_basebackup'],
  ...['pcp_node_info', 'pcp_watchdog_info', 'pcp_attach_node', 'pcp_detach_node'],
  ...['dig', 'named-checkconf', 'tgtadm', 'dhcpd', 'ipmitool', 'ssh', 'maas'],
  'puppet',
]);

it('every rule has a runbook and every runbook a rule, of ours or of Prometheus alone', () => {
  expect(names).toEqual([...rules.map(({ name }) => name), ...FRESHNESS_ALERTS].sort());
});

it('nothing else lies in the folder', () => {
  expect(readdirSync('alerts/runbooks').filter((file) => !file.endsWith('.md'))).toEqual([]);
});

describe.each(names)('%s', (alert) => {
  const source = sourceOf(alert);
  const parsed = parseRunbook(source);
  const runbook = readRunbook(alert);
  const { steps, disprove } = runbook;

  it('can be read by a program, and holds nothing that the program does not see', () => {
    expect(parsed.problems).toEqual([]);
    expect(parsed.runbook?.alert).toBe(alert);
    expect(parseRunbook(formatRunbook(runbook)).runbook).toEqual(runbook);
  });

  it('uses only placeholders that exist, and labels that the alert has', () => {
    const rule = rules.find(({ name }) => name === alert);
    const labels = new Set<string>([...(rule?.metric.labels ?? []), 'value']);
    for (const name of placeholdersIn(source)) {
      expect(PLACEHOLDERS).toContain(name);
      const [root = ''] = name.split('.');
      const label = (LABELS as readonly string[]).includes(root) && root !== 'standby';
      if (label) expect(labels, `${alert} has no label ${root}`).toContain(root);
      if (root === 'other')
        expect(['node', 'standby', 'backend'].some((each) => labels.has(each))).toBe(true);
    }
    expect(source.replaceAll('{}', '').replaceAll(/\{[a-z][a-z_.]*\}/g, '')).not.toMatch(/[{}]/);
  });

  it('runs on hosts that can be named', () => {
    for (const host of [disprove.host, ...steps.map((step) => step.host)])
      expect(host).toMatch(
        /^(monitor|\{(nodes|first|second|node|peer|backend|standby|primary|leader|follower|holder|kept|rebuild|silent|other|server|cluster|rack|controller)\})$/,
      );
  });

  it('advises only commands that these systems have', () => {
    const inWords = steps.flatMap(({ verify = '', undo = '' }) =>
      [...`${verify}\n${undo}`.matchAll(/`((?:sudo|timeout|maasha|dig|pcp_\w+) [^`]+)`/g)].map(
        ([, command = '']) => command,
      ),
    );
    for (const command of [disprove.run, ...steps.flatMap(({ run }) => run), ...inWords])
      for (const program of programsOf(command)) expect(PROGRAMS, command).toContain(program);
  });

  it('has commands that a shell can read', () => {
    const script = [disprove.run, ...steps.flatMap(({ run }) => run)].join('\n');
    const { status, stderr } = spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  it('sets every variable of the shell before it is used', () => {
    let said = '';
    for (const step of steps) {
      said += `${step.expect}\n`;
      for (const name of step.run.flatMap(shellNames)) expect(said).toContain(`\`${name}=`);
    }
  });

  it('does nothing dangerous without a way to see that it worked and a reason to stop', () => {
    for (const step of steps.filter(({ risk }) => risk === 'high')) {
      expect(step.verify, step.title).toBeTruthy();
      expect(step.abort, step.title).toBeTruthy();
    }
  });

  it('calls what changes something a risk', () => {
    const changes =
      /\b(start|stop|restart|reload|attach_node|detach_node|basebackup|promote|setval|pkill|mv|install|RESET|ALTER)\b|addr (add|del)|arping -U/;
    for (const step of steps.filter(({ risk }) => risk === 'none'))
      for (const command of step.run)
        expect(command.replaceAll(/--sort=start_time|[a-z]+_start/g, ''), step.title).not.toMatch(
          changes,
        );
  });

  it('only looks when it asks whether the alert is wrong', () => {
    expect(disprove.run).not.toMatch(/\bservice\b|attach_node|pkill|addr (add|del)/);
  });

  it('changes several hosts only one after the other, with steps of their own, or harmlessly', () => {
    for (const step of steps.filter(({ host }) => host === '{nodes}'))
      expect(step.risk, step.title).not.toBe('high');
  });

  it('is short, finished, and knows no site and no secret', () => {
    expect(steps.length).toBeLessThanOrEqual(14);
    expect(source).not.toMatch(/TODO|FIXME|TBD|insert site|site specific|example\.(org|com)/i);
    expect(source).not.toMatch(/\b(?:\d{1,3}\.){3}\d{1,3}\b|\brc[12]\b|password=|PGPASSWORD/);
    expect(Object.keys(runbook.prose).length).toBeGreaterThanOrEqual(SECTIONS.length - 3);
  });

  it('points only at alerts that exist', () => {
    for (const [name] of source.matchAll(/MaasHa[A-Z]\w+/g)) expect(names).toContain(name);
  });

  it('leaves no placeholder when it is rendered', () => {
    const rendered = renderRunbook(runbook, {
      region: region(),
      results: [],
      labels: {},
      given: {},
    });
    expect(placeholdersIn(rendered)).toEqual([]);
  });
});
