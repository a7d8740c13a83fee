import { z } from 'zod';
import { listNodegroups } from '../clusters/nodegroups.ts';
import { ask } from '../maas/ask.ts';
import { openMaas } from '../maas/database.ts';
import { rackConnections } from '../maas/questions.ts';
import { CheckFailure } from '../../core/failure.ts';
import type { Ports } from '../../core/ports/ports.ts';
import type { Region } from '../../core/region.ts';
import { seconds } from '../../core/time.ts';

/*
 * The clusters that the region itself knows. MAAS 1.x lists them to everybody, which needs no account; from
 * 2.0 on its database does, where a rack's identity is its `system_id`.
 */

/** In lower case; `name` is what MAAS calls the cluster, or the rack's host name. */
const identity = z.object({ id: z.string().max(64), name: z.string().max(300) });
export type Identity = z.infer<typeof identity>;

const kept = z.array(identity).max(5000);

/** What a run before has kept; undefined where it kept nothing that can be read. */
export const parseKept = (memory: unknown): readonly Identity[] | undefined =>
  kept.safeParse(memory).data;

const LIST = { timeout: seconds(5) };

/** Undefined where nothing that is configured tells. @throws CheckFailure when the region does not say. */
export const askKnown = (region: Region, io: Ports): Promise<readonly Identity[] | undefined> =>
  region.generation === 1 ? fromList(region, io) : fromDatabase(region, io);

async function fromList(region: Region, io: Ports): Promise<readonly Identity[]> {
  const listed = await listNodegroups(io, region, LIST);
  return listed.map(({ uuid, cluster_name: name }) => ({ id: uuid.toLowerCase(), name }));
}

async function fromDatabase(region: Region, io: Ports): Promise<readonly Identity[] | undefined> {
  const server = region.postgres;
  if (server === undefined) return undefined;
  const { desk, notes } = await openMaas(region, server, io);
  const asked =
    desk === undefined
      ? { notes }
      : await ask({ region, desk, role: server.user, check: 'rack-connections' }, rackConnections);
  if (asked.rows !== undefined)
    return asked.rows.map(({ system_id: id, hostname: name }) => ({ id: id.toLowerCase(), name }));
  const [why] = asked.notes.filter((note) => note.kind === 'gap' || note.kind === 'skip');
  if (why?.kind === 'gap') throw why.failure;
  // The role may not read it, and was never meant to where the check that does is switched off.
  throw new CheckFailure('no_privilege', why?.reason ?? 'the database does not say');
}
