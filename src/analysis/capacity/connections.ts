import { evidence, type Note } from '../../core/check.ts';
import type { CheckFailure } from '../../core/failure.ts';
import { observe } from '../../core/metric.ts';
import { connectionsAllowed, connectionsRatio, connectionsUsed } from './metrics.ts';
import type { Connections } from './rows.ts';

const part = ({ used, allowed }: Connections): number => (allowed <= 0 ? 1 : used / allowed);

/** The limit of the server and those of roles and databases: the tightest one decides. */
export function describeConnections(
  node: string,
  server: Connections,
  narrow: readonly Connections[],
): readonly Note[] {
  const tightest = narrow.reduce((a, b) => (part(b) > part(a) ? b : a), server);
  const also = tightest === server ? '' : `, and ${sayUse(tightest)}`;
  return [
    observe(connectionsUsed, server.used, { node }),
    observe(connectionsAllowed, server.allowed, { node }),
    observe(connectionsRatio, part(tightest), { node }),
    evidence(node, sayUse(server) + also),
  ];
}

const sayUse = ({ of, used, allowed }: Connections): string =>
  `${of} has ${used} of ${allowed} connections in use`;

/** A server that turns us away for want of connections tells by that how many are left. */
export const describeFull = (node: string, failure: CheckFailure): readonly Note[] => [
  observe(connectionsRatio, 1, { node }),
  evidence(node, `lets nobody new in: ${failure.message}`),
];
