import { doesNotApply, evidence, gap, type Note } from '../../core/check.ts';
import { CheckFailure } from '../../core/failure.ts';
import { observe } from '../../core/metric.ts';
import type { Ports } from '../../core/ports/ports.ts';
import type { Region } from '../../core/region.ts';
import { seconds, type Clock } from '../../core/time.ts';
import { comeAsMaas, type Met } from './login.ts';
import { fenceOpen } from './metrics.ts';

/*
 * The fence from inside: on the node itself, the way that the application goes. It is as true as the account that
 * runs it: a packet filter may let one account through and not the other.
 */

const TRY = { timeout: seconds(2) };

type Self = NonNullable<NonNullable<Region['fencing']>['self']>;

/** Tries every way of the application that leaves this node. */
export async function lookFromHere(
  region: Region,
  { node, active }: Self,
  { io, clock }: { readonly io: Ports; readonly clock: Clock },
): Promise<readonly Note[]> {
  if (active)
    return [
      doesNotApply(fenceOpen, { node }),
      evidence(node, 'it holds the virtual address: the database is open to it, as it should be'),
    ];
  const first = await tried(region, node, io);
  if (!first.some(({ met }) => met.is === 'let in')) return told(node, first);
  // It may have become passive a moment ago, and its fence not have closed yet.
  await new Promise<void>((resolve) => clock.after(seconds(3), resolve));
  return told(node, await tried(region, node, io));
}

interface Tried {
  readonly way: string;
  readonly met: Met;
}

function tried(region: Region, node: string, io: Ports): Promise<readonly Tried[]> {
  const others = region.nodes.filter(({ name }) => name !== node);
  const hosts = [{ name: 'the virtual address', address: region.vip }, ...others];
  // PostgreSQL itself must be open to a node: its own server streams from there.
  const port = region.pgpool?.port ?? region.postgres?.port ?? 5432;
  return Promise.all(
    hosts.map(async ({ name, address }) => ({
      way: `${name}, port ${port}`,
      met: await comeAsMaas(region, io, { host: address, port }, TRY),
    })),
  );
}

function told(node: string, all: readonly Tried[]): readonly Note[] {
  const open = all.some(({ met }) => met.is === 'let in');
  const unknown = all.flatMap(({ way, met }) =>
    met.is === 'busy'
      ? [gap(node, new CheckFailure('dependency', `${way} cannot tell now: ${met.says}`))]
      : met.is === 'not known'
        ? [gap(node, met.failure)]
        : [],
  );
  return [
    ...(open || unknown.length === 0 ? [observe(fenceOpen, open, { node })] : []),
    ...unknown,
    ...all.flatMap((each) => words(node, each)),
  ];
}

function words(node: string, { way, met }: Tried): readonly Note[] {
  switch (met.is) {
    case 'let in':
      return [evidence(node, `${way}: MAAS of this node is asked for its password`)];
    case 'refused':
      return [evidence(node, `${way}: no packet filter, and refused: ${met.says}`)];
    case 'kept out':
      return [evidence(node, `${way}: ${met.says}`)];
    case 'busy':
    case 'not known':
      return [];
  }
}
