import type { Check } from '../../core/check.ts';
import type { Clock } from '../../core/time.ts';
import { dnsRights } from './dns.ts';
import { reportRights, sessionsRight } from './fence.ts';
import { maasRpcRights } from './maas.ts';
import { pgpoolRights } from './pgpool.ts';
import { postgresRights, type Account, type Entered } from './postgres.ts';
import type { Asker, Right } from './right.ts';
import { canaryRight, maasRights } from './tables.ts';
import { wireRights } from './wire.ts';

/**
 * What the checks of a region may see with the accounts that are configured, found out by looking; nothing
 * is changed anywhere. A check that needs no rights of its own has none here.
 *
 * @param checks those that exist in the region
 */
export async function findRights(
  asker: Asker,
  clock: Clock,
  checks: readonly Pick<Check, 'name'>[],
): Promise<readonly Right[]> {
  const { region } = asker;
  const account = region.postgres;
  const [database, wire, maas, reports] = await Promise.all([
    account === undefined ? undefined : databaseRights(asker, account),
    wireRights(asker),
    maasRpcRights(asker, clock),
    reportRights(asker),
  ]);
  // How a server sees us is best known by a server on the same host.
  const knowing = withSeenAs(asker, database?.entered ?? []);
  const [pgpool, dns] = await Promise.all([
    region.pgpool === undefined ? [] : pgpoolRights(knowing, region.pgpool, account),
    region.dns === undefined ? [] : dnsRights(knowing, region.dns),
  ]);
  const existing = new Set(checks.map(({ name }) => name));
  return [...wire, ...(database?.rights ?? []), ...pgpool, ...dns, ...maas, ...reports]
    .map((right) => ({ ...right, checks: right.checks.filter((name) => existing.has(name)) }))
    .filter((right) => right.checks.length > 0);
}

/** Rights of the role are the same on every node; what needs the primary is asked there. */
async function databaseRights(asker: Asker, account: Account) {
  const { rights, entered } = await postgresRights(asker, account);
  const best = entered.find(({ standby }) => !standby) ?? entered[0];
  if (best === undefined) return { rights, entered };
  const more = await Promise.all([
    maasRights(asker.region, account, best),
    canaryRight(asker.region, account, best),
    ...entered.map((each) => sessionsRight(asker.region, account, each)),
  ]);
  return { rights: [...rights, ...more.flat()].map((right) => onPrimary(right, entered)), entered };
}

/** Names the primary, where exactly one is known. */
function onPrimary(right: Right, entered: readonly Entered[]): Right {
  const [primary, second] = entered.filter(({ standby }) => !standby);
  if (primary === undefined || second !== undefined) return right;
  const named = right.remedies.map((remedy) =>
    remedy.host === PRIMARY ? { ...remedy, host: primary.node.name } : remedy,
  );
  return { ...right, remedies: named };
}

const PRIMARY = 'primary';

function withSeenAs(asker: Asker, entered: readonly Entered[]): Asker {
  const seen = new Map(entered.map(({ node, seenAs }) => [node.address, seenAs]));
  return { ...asker, source: (host) => seen.get(host) ?? asker.source(host) };
}
