import { z } from 'zod';
import { evidence, gap, type Note } from '../../core/check.ts';
import { CheckFailure } from '../../core/failure.ts';
import { observe } from '../../core/metric.ts';
import { formatDuration, type Seconds } from '../../core/time.ts';
import { copySchema, horizonOf, type Horizon } from './expiry.ts';
import type { Present } from './history.ts';
import * as metrics from './metrics.ts';
import { isAlive, isGone, servedBy, type Server } from './servers.ts';
import { enumerate, EXPIRED } from './zone.ts';

/** By slave, then by zone; see `Copy`. */
export const copiesSchema = z.record(z.string(), z.record(z.string(), copySchema));
type Copies = z.infer<typeof copiesSchema>;

/** What is known of one slave's copies after a look. */
interface Looked {
  /** The slave, with the zones that are known to have expired marked so. */
  readonly slave: Server;
  readonly copies: Copies[string];
  readonly horizons: readonly (readonly [zone: string, horizon: Horizon])[];
}

/** How long the slaves' copies live if they hear no more of their master. */
export function lookAhead(
  zones: readonly string[],
  master: Server,
  slaves: readonly Server[],
  before: Copies,
  now: Present,
): {
  readonly copies: Copies;
  readonly slaves: readonly Server[];
  readonly notes: readonly Note[];
} {
  const looked = slaves.map((slave) => look(zones, master, slave, before[slave.name] ?? {}, now));
  const least = looked.map(({ horizons }) => leastOf(horizons));
  const known = least.filter((share) => share !== undefined);
  return {
    copies: Object.fromEntries(looked.map(({ slave, copies }) => [slave.name, copies])),
    slaves: looked.map(({ slave }) => slave),
    notes: [
      ...looked.flatMap(({ slave, horizons }, index) => [
        ...horizons.flatMap(([zone, { left }]) =>
          left === undefined
            ? []
            : [observe(metrics.expires, now.wall / 1000 + left, { zone, server: slave.name })],
        ),
        ...leastNote(slave.name, least[index]),
        ...words(slave, horizons),
      ]),
      // Of a slave that is not known a copy may be nearer to its end than all the others.
      ...(known.length > 0 && (known.length === slaves.length || Math.min(...known) < WORRYING)
        ? [observe(metrics.leastExpiryLeft, Math.min(...known), {})]
        : []),
    ],
  };
}

/** Below this share a copy's end is told in words. */
const WORRYING = 0.6;

function look(
  zones: readonly string[],
  master: Server,
  slave: Server,
  before: Copies[string],
  now: Present,
): Looked {
  const copies: Copies[string] = {};
  const horizons: [string, Horizon][] = [];
  const said = new Map(slave.said);
  for (const zone of zones) {
    const serial = servedBy(master, zone)?.soa.serial;
    const horizon = horizonOf(before[zone], slave.said.get(zone), serial, now.steady);
    const copy = horizon === undefined ? before[zone] : horizon.copy;
    if (copy !== undefined && !isGone(slave, zone)) copies[zone] = copy;
    if (horizon === undefined) continue;
    horizons.push([zone, horizon]);
    if (servedBy(slave, zone) === undefined) said.set(zone, EXPIRED);
  }
  return { slave: { ...slave, said }, copies, horizons };
}

/** The nearest end; undefined where one zone's is not known, unless another one's is near as it is. */
function leastOf(horizons: Looked['horizons']): number | undefined {
  const shares = horizons.flatMap(([, { share }]) => share ?? []);
  const least = Math.min(...shares);
  return shares.length > 0 && (shares.length === horizons.length || least < WORRYING)
    ? least
    : undefined;
}

const leastNote = (server: string, least: number | undefined): readonly Note[] =>
  least === undefined ? [] : [observe(metrics.expiryLeft, least, { server })];

function words({ name, said }: Server, horizons: Looked['horizons']): readonly Note[] {
  const unknown = horizons.filter(([, { copy }]) => copy === undefined).map(([zone]) => zone);
  const near = horizons.flatMap(([zone, { left, share }]): [string, Seconds][] =>
    left === undefined || share === undefined || share >= WORRYING ? [] : [[zone, left]],
  );
  const [first] = [...near].sort(([, a], [, b]) => a - b);
  return [
    ...(first === undefined || isAlive({ name, said, slowest: undefined }) !== true
      ? []
      : [evidence(name, `${sentence(first)}: ${enumerate(near.map(([zone]) => zone))}`)]),
    ...(unknown.length === 0
      ? []
      : [
          gap(
            name,
            new CheckFailure(
              'version',
              `it does not say when its copies expire (RFC 7314), and was not seen in step yet: ${enumerate(unknown)}`,
            ),
          ),
        ]),
  ];
}

const sentence = ([, left]: readonly [string, Seconds]): string =>
  left > 0
    ? `has not heard of its master for long; the first copy expires in ${formatDuration(left)}`
    : 'a copy has expired';
