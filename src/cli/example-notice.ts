import { randomBytes } from 'node:crypto';
import { fingerprintOf, identityLabels, type Labels } from '../../alerts/identity.ts';
import type { Explained, Notice } from '../../alerts/notice.ts';
import type { Region } from '../core/region.ts';
import { fillIn, type Rule } from '../core/rule.ts';
import { isGivable } from '../core/runbook-facts.ts';
import { firstSteps } from '../core/runbook-render.ts';
import { instant, seconds, type Instant } from '../core/time.ts';
import { ulid } from '../core/ulid.ts';
import { readRunbook, RunbookError, runbookText, situationOf } from '../runtime/runbooks.ts';

/* An alert that never was, for a look at what would be sent about it. */

/** Names and addresses for where there is no configuration; the addresses belong to nobody (RFC 5737). */
export const EXAMPLE_REGION: Region = {
  name: 'example',
  vip: '192.0.2.39',
  generation: 1,
  maasUrl: 'http://192.0.2.39/MAAS',
  nodes: [
    { name: 'rc1', address: '192.0.2.32' },
    { name: 'rc2', address: '192.0.2.33' },
  ],
  trustedServers: ['192.0.2.1'],
  dns: { masterPort: 5353, slavePort: 53, zones: ['maas3'] },
  rpc: { interval: seconds(60) },
  clusters: [{ name: 'maas4', address: '192.0.2.34', services: [] }],
};

/** It has gone on for a moment. */
const AGO = 65_000;
const MOST_EXPLAINED = 3;

/** What people would be told when this alert opens, with made-up facts. */
export function exampleNotice(
  rule: Rule,
  rules: readonly Rule[],
  region: Region,
  now: Instant,
): Notice {
  const { labels, summary } = example(rule, region);
  const startsAt = instant(now - AGO);
  return {
    kind: 'open',
    reason: 'nothing explains it',
    at: now,
    region: region.name,
    rule: rule.name,
    severity: rule.severity,
    labels,
    summary,
    standing: 'firing',
    episode: { id: ulid(startsAt, randomBytes(10)), startsAt },
    explains: explainedBy(rule, rules, region),
    evidence: [
      `${Object.values(labels)[0] ?? region.name}: ${summary} (made up)`,
      `${fingerprintOf(region.name, rule.name, labels)}: this is a preview, nothing was looked at`,
    ],
    holders: [`VIP: answers; held by ${region.nodes[0]?.name ?? 'rc1'} (watchdog) (made up)`],
    ...runbookOf(rule, region, labels),
  };
}

function example(rule: Rule, region: Region): Explained {
  const labels: Labels = Object.fromEntries(
    identityLabels(rule).map((label) => [label, valueOf(label, region)]),
  );
  const all = { ...labels, ...rule.where };
  return { rule: rule.name, labels, summary: fillIn(rule.summary, all, valueBeyond(rule)) };
}

/** A value that such a label has on this site. */
function valueOf(label: string, { nodes, clusters, dns, name }: Region): string {
  const [first, second = first] = nodes.map((node) => node.name);
  const known: Readonly<Record<string, string | undefined>> = {
    node: second,
    peer: first,
    backend: second,
    standby: second,
    server: second,
    cluster: clusters[0]?.name,
    zone: dns?.zones[0],
    service: 'http',
    channel: 'slack',
    watched: name,
  };
  return known[label] ?? 'example';
}

/** A value for which the rule is true. */
function valueBeyond({ when }: Rule): number {
  if ('equal' in when) return when.equal;
  if ('below' in when) return when.below - 1;
  return when.above < 1 ? 1 : when.above * 2;
}

const explainedBy = (
  { name }: Rule,
  rules: readonly Rule[],
  region: Region,
): readonly Explained[] =>
  rules
    .filter(({ inhibitedBy = [] }) => inhibitedBy.some(({ alert }) => alert === name))
    .slice(0, MOST_EXPLAINED)
    .map((rule) => example(rule, region));

function runbookOf({ name }: Rule, region: Region, labels: Labels): Pick<Notice, 'runbook'> {
  const given = Object.fromEntries(
    Object.entries(labels).filter(([label, value]) => isGivable(label, value, region)),
  );
  try {
    const runbook = readRunbook(name);
    const situation = situationOf(name, region, [], given);
    return {
      runbook: { steps: firstSteps(runbook, situation), text: runbookText(runbook, situation) },
    };
  } catch (error) {
    if (error instanceof RunbookError) return {};
    throw error;
  }
}
