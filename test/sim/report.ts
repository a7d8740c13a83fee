import { NODES, REGION, type Addresses, type Node } from './plan.ts';
import { missing, type State } from './state.ts';

/** What the simulation knows of itself. */
export interface SimStatus {
  readonly healthy: boolean;
  /** What keeps it from being healthy, a sentence each. */
  readonly missing: readonly string[];
  /** The injected faults, oldest first, and what each did. */
  readonly faults: Readonly<Record<string, string>>;
  /** The whole for a terminal. */
  readonly lines: readonly string[];
}

/** @param served the serials at each node's slave, in the order of the zones. */
export function report(
  state: State,
  served: Record<Node, readonly number[]>,
  { vip }: Addresses,
): SimStatus {
  const lacking = missing(state, served);
  const faults = Object.fromEntries([...state.faults].map(([name, { did }]) => [name, did]));
  const row = (name: string, text: string) => `${name.padEnd(16)}${text}`;
  const serials = (file: readonly number[]) => [...new Set(file)].join('/');
  return {
    healthy: lacking.length === 0,
    missing: lacking,
    faults,
    lines: [
      `SIMULATION of a region (${REGION}), in one process on loopback addresses`,
      row('VIP', `${vip} on ${state.holder ?? 'nobody'}`),
      row('watchdog', `leader ${state.leader ?? 'nobody'}`),
      row('pgpool', `primary ${state.primary ?? 'nobody'}, attached ${attached(state)}`),
      ...NODES.map((node) => row(node, nodeText(state, node))),
      row('maas-dns', `serial ${serials(masterSerials(state))}`),
      ...NODES.map((node) => row(`slave ${node}`, `serial ${serials(served[node])}`)),
      row('faults', Object.keys(faults).join(', ') || 'none'),
      ...(lacking.length === 0
        ? ['healthy']
        : ['NOT healthy', ...lacking.map((line) => `  ${line}`)]),
    ],
  };
}

const attached = ({ backends }: State): string =>
  NODES.filter((node) => backends[node].attached).join(' and ') || 'nobody';

const nodeText = ({ postgres, running }: State, node: Node): string =>
  [
    `PostgreSQL ${postgres[node]}`,
    ...Object.entries(running[node]).map(([name, up]) => `${name} ${up ? 'up' : 'dead'}`),
  ].join(', ');

const masterSerials = ({ holder, zones }: State): readonly number[] =>
  holder === undefined ? [] : [...zones[holder].values()].map(({ serial }) => serial);
