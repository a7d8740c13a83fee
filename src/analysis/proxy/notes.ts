import type { ProxyState, Seen } from './answer.ts';
import * as metrics from './metrics.ts';
import { doesNotApply, evidence, gap, skip, type Note } from '../../core/check.ts';
import { CheckFailure } from '../../core/failure.ts';
import { observe, observeState, type Metric } from '../../core/metric.ts';

/** What was seen at the ports of one server: the virtual address (`vip`), or a node. */
export interface Looked {
  readonly server: string;
  readonly ports: readonly { readonly port: number; readonly seen: Seen | CheckFailure }[];
}

export const AT_VIP = 'vip';

const MUTE: readonly ProxyState[] = ['hangs', 'hangs_up'];
/** A proxy has answered. */
const ANSWERED: readonly ProxyState[] = [
  ...(['works', 'cached', 'refuses', 'cannot_resolve', 'cannot_fetch', 'wrong'] as const),
];

const stateOf = (seen: Seen | CheckFailure): ProxyState | undefined =>
  seen instanceof CheckFailure ? undefined : seen.state;

/**
 * The states of the ports that a proxy can be judged by. One process serves all of them: a port that
 * alone is mute is one for redirected connections (`transparent`), which squid answers to nobody else.
 */
function judgeable({ ports }: Looked): readonly (ProxyState | undefined)[] {
  const states = ports.map(({ seen }) => stateOf(seen));
  const lives = states.some((state) => state !== undefined && ANSWERED.includes(state));
  return lives ? states.filter((state) => state === undefined || !MUTE.includes(state)) : states;
}

/** Whether any port is like that; undefined where one could not be looked at and no other is. */
function any(
  states: readonly (ProxyState | undefined)[],
  bad: readonly ProxyState[],
): boolean | undefined {
  if (states.some((state) => state !== undefined && bad.includes(state))) return true;
  return states.includes(undefined) ? undefined : false;
}

/** All that is to be said of one look at all servers. */
export function notesOnProxies(vip: Looked, nodes: readonly Looked[]): readonly Note[] {
  return [...[vip, ...nodes].flatMap(told), ...vipNotes(vip), ...nodeNotes(vip, nodes)];
}

function told(looked: Looked): readonly Note[] {
  const { server, ports } = looked;
  const left = judgeable(looked).length < ports.length;
  return ports.flatMap(({ port, seen }): readonly Note[] => {
    const service = `proxy-${port}`;
    if (seen instanceof CheckFailure) return [gap(`${server} ${service}`, seen)];
    const at = { server, service };
    const redirected = left && MUTE.includes(seen.state) ? REDIRECTED : '';
    return [
      ...observeState(metrics.state, seen.state, at),
      ...(seen.took === undefined ? [] : [observe(metrics.fetchTime, seen.took, at)]),
      ...(seen.hit === undefined ? [] : [observe(metrics.cacheHit, seen.hit, at)]),
      evidence(server, `${service} ${seen.says}${redirected}`),
    ];
  });
}

const REDIRECTED =
  ', while another port of the same proxy does: it is likely one for redirected connections only (`http_port … transparent`), and belongs out of `proxy.ports`';

const JUDGED: readonly (readonly [Metric, readonly ProxyState[]])[] = [
  [metrics.broken, ['no_proxy', 'hangs', 'hangs_up']],
  [metrics.cannotFetch, ['cannot_resolve', 'cannot_fetch']],
  [metrics.refuses, ['refuses']],
  [metrics.wrongContent, ['wrong']],
];

/** What is bad at the virtual address. Where nothing can be reached there, nothing is known of the proxy. */
function vipNotes(vip: Looked): readonly Note[] {
  const states = judgeable(vip);
  if (states.includes('unreachable')) {
    const why = 'the virtual address does not answer, so nothing is known of the proxy there';
    return [gap('proxy', new CheckFailure('dependency', why))];
  }
  return JUDGED.flatMap(([metric, bad]) => {
    const is = any(states, bad);
    return is === undefined ? [] : [observe(metric, is, {})];
  });
}

const WELL: readonly ProxyState[] = ['works', 'cached'];
/** Where all proxies are so, the reason lies outside of them: none is a worse spare for that. */
const SHARED: readonly ProxyState[] = ['cannot_resolve', 'cannot_fetch', 'wrong', 'refuses'];

function nodeNotes(vip: Looked, nodes: readonly Looked[]): readonly Note[] {
  const isClosed = ({ ports }: Looked): boolean =>
    ports.every(({ seen }) => stateOf(seen) === 'closed');
  // Whoever answers there runs on one of the nodes.
  if (nodes.every(isClosed) && judgeable(vip).some((each) => each && WELL.includes(each)))
    return [
      skip('nodes', 'config', 'the proxy listens at the virtual address, and at none of a node'),
      doesNotApply(metrics.nodeWorks, {}),
    ];
  const isShared = [vip, ...nodes].every((each) => any(judgeable(each), SHARED) === true);
  const well = isShared ? [...WELL, ...SHARED] : WELL;
  return nodes.flatMap((node): readonly Note[] => {
    const states = judgeable(node);
    const isBad = states.some((each) => each !== undefined && !well.includes(each));
    if (!isBad && states.includes(undefined)) return [];
    return [observe(metrics.nodeWorks, !isBad, { node: node.server })];
  });
}
