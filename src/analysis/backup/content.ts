import { z } from 'zod';

/*
 * What a backup of a cluster controller says of itself, whatever kind of file it is: maas_cluster.conf (MAAS 1.5
 * to 1.8), clusterd.conf (1.9), rackd.conf or maas_id (2.0 and later), a UUID by itself, or JSON with `uuid` and `at`.
 */

export interface Content {
  /** Different identities in lower case; exactly one is what a backup must have. */
  readonly ids: readonly string[];
  /** Epoch seconds; when the copy was made, where it says so itself. */
  readonly at?: number;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const ANY_UUID = /(?<![0-9a-f-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f-])/g;
/** `CLUSTER_UUID="…"`, `cluster_uuid: …`, also behind a path, as `grep -r` prints it. */
const NAMED =
  /(?:^|[\s:,{])["']?(?:cluster_uuid|system_id|maas_id|uuid)["']?\s*[:=]\s*["']?([0-9a-z-]+)["']?\s*[,}]?\s*$/;
/** What MAAS 2.0 and later calls a controller: `4y3h7n`, or of one that comes from 1.x `node-` and a UUID. */
const SYSTEM_ID = /^[0-9a-z][0-9a-z-]{2,40}$/;
const NOBODY = '00000000-0000-0000-0000-000000000000';

export const isUuid = (id: string): boolean => UUID.test(id);

const moment = z.union([
  // Whoever writes milliseconds means no year 50000.
  z
    .number()
    .positive()
    .transform((at) => (at > 1e11 ? at / 1000 : at)),
  z.iso.datetime({ offset: true }).transform((at) => {
    // eslint-disable-next-line no-restricted-globals -- only reads the moment it is given
    return Date.parse(at) / 1000;
  }),
]);
const id = z.string().max(64);
const json = z.object({
  uuid: id.optional(),
  cluster_uuid: id.optional(),
  system_id: id.optional(),
  at: moment.optional().catch(undefined),
});

/** Reads a backup. A text with several identities of which it names none as the cluster's has them all. */
export function readContent(text: string, generation: 1 | 2): Content {
  const own = text.replace(/^\uFEFF/, '').trim();
  const object = own.startsWith('{') ? json.safeParse(parsed(own)).data : undefined;
  if (object !== undefined) {
    const { uuid, cluster_uuid: cluster, system_id: system, at } = object;
    const ids = pick(
      [uuid, cluster, system].flatMap((each) => each ?? []),
      generation,
    );
    return { ids, ...(at !== undefined && { at }) };
  }
  return { ids: idsIn(own.toLowerCase(), generation) };
}

function idsIn(text: string, generation: 1 | 2): readonly string[] {
  const lines = text.split('\n').filter((line) => !/^\s*#/.test(line));
  const named = pick(
    lines.flatMap((line) => NAMED.exec(line)?.[1] ?? []),
    generation,
  );
  if (named.length > 0) return named;
  const [only, ...others] = lines.map((line) => line.trim()).filter((line) => line !== '');
  if (generation === 2 && only !== undefined && others.length === 0 && SYSTEM_ID.test(only))
    return pick([only], generation);
  return pick(
    lines.flatMap((line) => line.match(ANY_UUID) ?? []),
    generation,
  );
}

/** Those that are identities, each once. */
const pick = (found: readonly string[], generation: 1 | 2): readonly string[] => [
  ...new Set(
    found
      .map((each) => each.toLowerCase())
      .filter((each) => each !== NOBODY)
      .filter((each) => isUuid(each) || (generation === 2 && SYSTEM_ID.test(each))),
  ),
];

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
