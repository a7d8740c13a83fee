import { z } from 'zod';
import { greetable } from './event-loops.ts';
import { shakeHands } from './handshake.ts';
import { jsonOf, shown, type Nodegroup } from './nodegroups.ts';
import { addressed, askRegion } from '../region/rpc-info.ts';
import type { CheckContext } from '../../core/check.ts';
import { CheckFailure, toFailure, type FailureCode } from '../../core/failure.ts';
import type { HttpReply } from '../../core/ports/network.ts';
import { printable } from '../../core/printable.ts';
import type { Cluster, Region } from '../../core/region.ts';
import { seconds } from '../../core/time.ts';

/*
 * The proof that a cluster of MAAS 1.7 to 1.9 is connected, without an account: the region cannot answer
 * `pxeconfig` without asking the cluster for its boot images, over the connection that the cluster keeps
 * (maasserver/api/pxeconfig.py, clusterrpc/boot_images.py). Without `mac` nothing is written; each
 * question that comes to nothing leaves one line in the log of the region.
 */

/** What one question came to. */
export type Proof =
  /** The region asked the cluster and got its images: `label` is that of one of them. */
  | { readonly kind: 'proven'; readonly arch: string; readonly label: string }
  /** `no-such-image`: no connection, or a cluster without such an image; the region does not say which. */
  | { readonly kind: 'no_image'; readonly arch: string }
  /** The region took the question and does not answer: it waits for the cluster, up to 30 s. */
  | { readonly kind: 'hangs'; readonly says: string }
  | { readonly kind: 'unknown'; readonly code: FailureCode; readonly says: string };

/** The architectures that MAAS 1.x has images of; the first ones are the likeliest. */
export const ARCHITECTURES = ['amd64', 'i386', 'arm64', 'ppc64el', 'armhf'] as const;

const NO_IMAGE = 'no-such-image';
/** A region that has no such connection waits 1 s for one; any honest cluster answers at once. */
const ANSWER = { timeout: seconds(8) };
const CONFIG = z.object({ label: z.string().min(1).max(200) });

type Io = Pick<CheckContext, 'io'>;

export async function proveConnection(
  { io }: Io,
  region: Region,
  { address }: Cluster,
  { uuid }: Nodegroup,
  arch: string,
): Promise<Proof> {
  const query = new URLSearchParams({
    local: address,
    remote: address,
    arch,
    subarch: 'generic',
    cluster_uuid: uuid,
  });
  const { url, tls } = addressed(region, `api/1.0/pxeconfig/?${query.toString()}`);
  try {
    return proofOf(await io.http.get(url, { ...ANSWER, tls }), arch);
  } catch (error) {
    const { code, message, facts } = toFailure(error);
    return code === 'timeout' && facts['phase'] === 'first byte'
      ? { kind: 'hangs', says: message }
      : { kind: 'unknown', code, says: message };
  }
}

function proofOf(reply: HttpReply, arch: string): Proof {
  // No content: the region knows of no such architecture.
  if (reply.status === 204) return { kind: 'no_image', arch };
  const config = CONFIG.safeParse(jsonOf(reply));
  if (!config.success) return { kind: 'unknown', code: 'protocol', says: shown(reply) };
  const { label } = config.data;
  return label === NO_IMAGE
    ? { kind: 'no_image', arch }
    : { kind: 'proven', arch, label: printable(label, 40) };
}

const BRIEF = { timeout: seconds(4) };
const VERSION = z.object({ version: z.string().regex(/^1\.\d+/) });

/**
 * Whether an answer of `pxeconfig` proves anything: in 1.5 and 1.6 it comes from a table. 1.9 tells its
 * version to everybody; before that it shows in whether an event loop can prove itself (from 1.7 on).
 * A failure says that neither could be learnt.
 */
export async function isProvable(
  context: CheckContext,
  region: Region,
): Promise<boolean | CheckFailure> {
  const told = await versionOf(context, region);
  if (told !== undefined) return told >= 7;
  const { info } = await askRegion(context.io, region, BRIEF);
  const found = info instanceof CheckFailure ? undefined : info.loops;
  const loops = found === undefined || found === 'unknown' ? [] : found;
  const [endpoint] = loops.flatMap((loop) => greetable(region, loop) ?? []);
  if (endpoint === undefined) return unlearnt('it advertises no event loop that could be asked');
  const outcome = await shakeHands(context, endpoint, undefined);
  if (outcome.kind !== 'answered') return unlearnt(outcome.says);
  return outcome.says === undefined;
}

const unlearnt = (why: string): CheckFailure =>
  new CheckFailure('dependency', `whether this version of MAAS can prove it is not known: ${why}`);

/** The second number of the version; undefined where it is told to accounts only (up to 1.8). */
async function versionOf({ io }: Io, region: Region): Promise<number | undefined> {
  try {
    const { url, tls } = addressed(region, 'api/1.0/version/');
    const version = VERSION.safeParse(jsonOf(await io.http.get(url, { ...BRIEF, tls })));
    return version.success ? Number(version.data.version.split('.')[1]) : undefined;
  } catch {
    return undefined;
  }
}
