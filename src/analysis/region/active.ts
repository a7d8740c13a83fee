import { REGION_STATES, type RegionState, type RpcAnswer } from './rpc-info.ts';
import { doesNotApply, evidence, gap, skip, type Note } from '../../core/check.ts';
import { CheckFailure } from '../../core/failure.ts';
import { gauge, observe, observeState, stateset } from '../../core/metric.ts';
import type { Region } from '../../core/region.ts';
import { between, formatDuration, instant, seconds, type Instant } from '../../core/time.ts';

/* Which nodes' regions work, and what that means in each generation. */

export const regionState = stateset({
  name: 'maasha_region_state',
  help: "What the region application at the node's own address is like: active (it answers from its database), no_database, starting, down, hangs, unreachable or other.",
  labels: ['node'],
  states: REGION_STATES,
});
export const regionsActive = gauge({
  name: 'maasha_regions_active',
  help: "How many nodes' region applications answer from their database at the nodes' own addresses; only where that is known of each.",
  labels: [],
});
export const twoActive = gauge({
  name: 'maasha_region_two_active',
  help: 'Whether more than one region application works on a database (1) or not (0); only of generation 1, where exactly one may.',
  labels: [],
});
export const ready = gauge({
  name: 'maasha_region_ready',
  help: "Whether the node's region application is there as it should be (1) or not (0): active, or of generation 1 also waiting without a database.",
  labels: ['node'],
});
export const certificateRemaining = gauge({
  name: 'maasha_region_certificate_remaining_seconds',
  help: 'Time until the first of the certificates expires that maas_url and the nodes show, in seconds; negative when one has expired.',
  labels: [],
});

export interface NodeAnswer extends RpcAnswer {
  readonly node: string;
}

export interface View {
  readonly nodes: readonly NodeAnswer[];
  /** What the URL of the region itself answers. */
  readonly url: RpcAnswer;
}

export const notesOnActive = (region: Region, view: View, now: Instant): readonly Note[] => [
  ...view.nodes.flatMap(told),
  ...(isServedAtUrlOnly(view)
    ? [skip('nodes', 'config', 'the region answers at maas_url, and at no address of a node')]
    : judged(region, view)),
  ...certificateNotes(view, now),
];

const told = ({ node, info }: NodeAnswer): readonly Note[] =>
  info instanceof CheckFailure
    ? [gap(node, info)]
    : [...observeState(regionState, info.state, { node }), evidence(node, words(info))];

const words = ({ state, says }: { readonly state: RegionState; readonly says: string }): string =>
  `${state.replace('_', ' ')}: ${says}`;

const stateOf = ({ info }: RpcAnswer): RegionState | undefined =>
  info instanceof CheckFailure ? undefined : info.state;

/** A web server that listens at the virtual address alone is no fault, and hides the nodes. */
const isServedAtUrlOnly = ({ nodes, url }: View): boolean =>
  stateOf(url) === 'active' &&
  nodes.every((each) => ['down', 'unreachable'].includes(stateOf(each) ?? ''));

function judged(region: Region, { nodes }: View): readonly Note[] {
  const states = nodes.map(stateOf);
  const active = nodes.filter((each) => stateOf(each) === 'active').map(({ node }) => node);
  const isKnown = !states.includes(undefined);
  const once = region.generation === 1;
  return [
    ...(isKnown ? [observe(regionsActive, active.length, {})] : []),
    // Two that are seen are two, whatever the others are.
    ...(once && (isKnown || active.length > 1) ? [observe(twoActive, active.length > 1, {})] : []),
    ...(!once && isKnown ? [doesNotApply(twoActive, {})] : []),
    ...(once && active.length > 1 ? [evidence('region', doubled(active))] : []),
    ...nodes.flatMap(({ node }, index) => {
      const state = states[index];
      if (state === undefined) return [];
      const is = state === 'active' || (once && state === 'no_database');
      return [observe(ready, is, { node })];
    }),
  ];
}

const doubled = (active: readonly string[]): string =>
  `${active.join(' and ')} all answer from a database, and exactly one may: the fence of the passive one is open, or the virtual address or the database is doubled`;

function certificateNotes({ nodes, url }: View, now: Instant): readonly Note[] {
  const ends = [{ node: 'maas_url', ...url }, ...nodes].flatMap(
    ({ node, certificateExpires: end }) =>
      end === undefined ? [] : [{ node, left: between(now, instant(end * 1000)) }],
  );
  const [first, ...others] = ends;
  if (first === undefined)
    // Plain HTTP shows none. Of what could not be asked nothing is known.
    return [url, ...nodes].every((each) => isPlain(each))
      ? [doesNotApply(certificateRemaining, {})]
      : [];
  const next = others.reduce((least, each) => (each.left < least.left ? each : least), first);
  return [
    observe(certificateRemaining, next.left, {}),
    evidence(
      next.node,
      next.left < 0
        ? `its certificate expired ${formatDuration(seconds(Math.abs(next.left)))} ago`
        : `its certificate expires in ${formatDuration(next.left)}`,
    ),
  ];
}

/** It answered by HTTP, and showed no certificate. */
const isPlain = ({ info, certificateExpires }: RpcAnswer): boolean =>
  certificateExpires === undefined && !(info instanceof CheckFailure) && info.took !== undefined;
