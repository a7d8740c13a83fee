import { z } from 'zod';
import { doesNotApply, evidence, gap, type Note } from '../../core/check.ts';
import { CheckFailure } from '../../core/failure.ts';
import { observe } from '../../core/metric.ts';
import type { Ports } from '../../core/ports/ports.ts';
import type { Region } from '../../core/region.ts';
import { seconds, type Instant } from '../../core/time.ts';
import { comeAsMaas, type Met } from './login.ts';
import { poolHbaOpen } from './metrics.ts';

/*
 * pgpool's own line of the fence, as far as it shows from the monitor: whether somebody who comes as MAAS from an
 * address that is no node's would be asked for the password. pgpool ends the child that refuses, and writes three
 * lines into its log: so it is asked rarely, and what it said holds until then.
 */

const ASK = { timeout: seconds(2) };
const AGAIN = seconds(600);

export const hbaMemory = z.record(z.string(), z.object({ open: z.boolean(), at: z.number() }));
type HbaMemory = z.infer<typeof hbaMemory>;

/** Asks each pgpool whose answer has become old. */
export async function lookAtPoolHba(
  region: Region,
  io: Ports,
  before: HbaMemory,
  now: Instant,
): Promise<{ readonly notes: readonly Note[]; readonly memory: HbaMemory }> {
  const { pgpool, nodes, postgres } = region;
  // Where TLS is asked for, a refusal without it says nothing.
  if (pgpool === undefined || postgres?.tls !== undefined)
    return { notes: [doesNotApply(poolHbaOpen, {})], memory: {} };
  const known = await Promise.all(
    nodes.map(async ({ name, address }) => {
      const last = before[name];
      if (last !== undefined && last.at <= now && now - last.at < AGAIN * 1000)
        return [name, last] as const;
      const met = await comeAsMaas(region, io, { host: address, port: pgpool.port }, ASK);
      return [name, met.is === 'let in' || met.is === 'refused' ? said(met.is, now) : met] as const;
    }),
  );
  const memory = Object.fromEntries(
    known.flatMap(([name, found]) => ('open' in found ? [[name, found]] : [])),
  );
  const notes = known.flatMap(([name, found]) =>
    'open' in found ? told(name, found.open) : [gap(name, why(found))],
  );
  return { memory, notes };
}

const said = (is: 'let in' | 'refused', at: Instant) => ({ open: is === 'let in', at });

const why = (met: Exclude<Met, { readonly is: 'let in' | 'refused' }>): CheckFailure =>
  met.is === 'not known'
    ? met.failure
    : new CheckFailure('dependency', `its pgpool does not tell whom it lets in: ${met.says}`);

const told = (node: string, open: boolean): readonly Note[] => [
  observe(poolHbaOpen, open, { node }),
  evidence(
    node,
    open
      ? "its pgpool asks even the monitor for MAAS's password: pool_hba.conf keeps nobody out"
      : 'its pgpool refuses MAAS from the address of the monitor (pool_hba.conf)',
  ),
];
