import { doesNotApply, evidence, gap, type Note } from '../../core/check.ts';
import { CheckFailure, isSilence } from '../../core/failure.ts';
import { observe, observeState } from '../../core/metric.ts';
import type { DnsReply } from '../../core/ports/dns.ts';
import type { Node } from '../../core/region.ts';
import { sameName } from '../../protocol/dns.ts';
import * as metrics from './metrics.ts';
import { isAlive, isGone, type Said, type Server } from './servers.ts';
import { hostnameOf, summarise } from './zone.ts';

/** Is it up, how quick is it, and which zones does it not serve as it should? */
export function upNotes(server: Server, toUp: (up: boolean) => Note): readonly Note[] {
  const { name, said } = server;
  const failures = [...said.values()].filter((each) => each instanceof CheckFailure);
  const first = failures[0];
  if (first !== undefined && failures.length === said.size) {
    return failures.every(isSilence)
      ? [toUp(false), evidence(name, `does not answer (${first.code})`)]
      : [gap(name, failures.find((each) => !isSilence(each)) ?? first)];
  }
  return [
    toUp(true),
    ...(server.slowest === undefined
      ? []
      : [observe(metrics.slowest, server.slowest, { server: name })]),
    ...(first === undefined ? [] : [gap(name, partly(first, failures.length, said.size))]),
    ...summarise(wants(said)).map((says) => evidence(name, says)),
    ...[...said].flatMap(([zone, each]) => zoneNotes(zone, name, each)),
  ];
}

const wants = (said: Server['said']): [string, string][] =>
  [...said].flatMap(([zone, each]) => ('why' in each ? [[each.why, zone]] : []));

const partly = (first: CheckFailure, failed: number, all: number): CheckFailure =>
  new CheckFailure(first.code, `${failed} of ${all} questions have no answer: ${first.message}`, {
    cause: first,
  });

function zoneNotes(zone: string, server: string, said: Said): readonly Note[] {
  if (said instanceof CheckFailure) return [];
  const at = { zone, server };
  if ('why' in said)
    return [
      observe(metrics.authoritative, 0, at),
      ...observeState(metrics.zoneState, said.state, at),
    ];
  return [
    observe(metrics.authoritative, 1, at),
    ...observeState(metrics.zoneState, 'served', at),
    observe(metrics.soaSerial, said.soa.serial, at),
  ];
}

/** How many answer, where none is silent for a reason that lies with us. */
export function countOf(slaves: readonly Server[]): readonly Note[] {
  const answers = slaves.map(isAlive);
  return slaves.length < 2 || answers.includes(undefined)
    ? []
    : [observe(metrics.slavesAnswering, answers.filter((each) => each === true).length, {})];
}

/** On which node the master runs, as it says itself. */
export function hostNotes(reply: DnsReply | CheckFailure, nodes: readonly Node[]): readonly Note[] {
  const host = reply instanceof CheckFailure ? undefined : hostnameOf(reply);
  if (host === undefined) return [];
  const says = evidence('vip', `the DNS master says that it runs on ${host}`);
  const short = (name: string): string => name.toLowerCase().split('.')[0] ?? '';
  const named = nodes.filter(({ name }) => sameName(name, host) || short(name) === short(host));
  if (named.length !== 1) return [says];
  return [
    says,
    ...nodes.map((node) => observe(metrics.masterNode, node === named[0], { node: node.name })),
  ];
}

/** A server without the zone has no version of it: that it has none is told apart. */
export const absences = (
  zone: string,
  master: Server,
  slaves: readonly Server[],
): readonly Note[] =>
  isGone(master, zone)
    ? [doesNotApply(metrics.overdue, { zone })]
    : slaves
        .filter((slave) => isGone(slave, zone))
        .map(({ name: server }) => doesNotApply(metrics.overdue, { zone, server }));
