import { readSessions, sessionsSql } from '../fence/sessions.ts';
import { CheckFailure } from '../../core/failure.ts';
import { describeSource } from '../../core/ports/facts.ts';
import type { Node, Region } from '../../core/region.ts';
import { seconds } from '../../core/time.ts';
import { inDatabase, type Account, type Entered } from './postgres.ts';
import { denied, granted, notKnown, tried, type Asker, type Right } from './right.ts';
import { statisticsOf } from './statistics.ts';

const QUERY = { timeout: seconds(3) };
const READ = { timeout: seconds(3), maxBytes: 65_536 };
const CHECKS = ['fencing'];

/** Where a session of MAAS comes from, which is withheld from a role that is not lent the eyes for it. */
export async function sessionsRight(
  region: Region,
  account: Account,
  { node, session, role }: Entered,
): Promise<readonly Right[]> {
  const { fencing } = region;
  if (fencing === undefined) return [];
  const { version } = session;
  const about = {
    checks: CHECKS,
    what: `see from where ${fencing.role} is logged in (pg_stat_activity)`,
    where: node.name,
    needed: false,
  };
  const lines = statisticsOf(version, account.user, ['pg_stat_activity']);
  const remedy = { host: 'primary', into: inDatabase(account), lines };
  if (['super', 'reads_statistics'].some((each) => role[each]?.startsWith('t')))
    return [granted(about)];
  if (version >= 100_000)
    return [denied(about, `${account.user} is no member of pg_monitor`, remedy)];
  const rows = await tried(session.query(sessionsSql(fencing.role), QUERY));
  if (rows instanceof CheckFailure) return [notKnown(about, rows.message)];
  return [
    seesThem(() => readSessions(rows, region, node)) ? granted(about) : denied(about, OLD, remedy),
  ];
}

const OLD =
  'before PostgreSQL 10 only a superuser sees it, or whoever a superuser lends their eyes';

function seesThem(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}

/** That each node says of its own fence what nobody else can see. */
export async function reportRights({ io, region }: Asker): Promise<readonly Right[]> {
  const { fencing, nodes, name } = region;
  if (fencing === undefined) return [];
  return Promise.all(
    nodes.map(async (node) => {
      const about = {
        checks: CHECKS,
        what: 'hear from the node itself whether its fence holds',
        where: node.name,
        needed: false,
      };
      const source = fencing.reports[node.name];
      if (source === undefined)
        return denied(about, 'no report of it is configured', ...reporting(name, node));
      const fact = await tried(io.facts.read(source, name, READ));
      if (fact instanceof CheckFailure) return notKnown(about, fact.message);
      return fact === undefined
        ? denied(
            about,
            `${describeSource(source)} is not there yet`,
            ...reporting(name, node).slice(1),
          )
        : granted(about);
    }),
  );
}

const reporting = (region: string, { name }: Node) => [
  {
    host: 'monitor',
    into: 'maasha.yaml, `fencing:`',
    lines: [`reports: { ${name}: { pushed: fence-${name} } }`],
  },
  {
    host: name,
    into: '/etc/cron.d/maasha; www-data stands for the account that MAAS runs as',
    lines: [
      `* * * * * www-data maasha check fencing --region ${region} --emit http://MONITOR:9877 --token-file /etc/maasha/token`,
    ],
  },
];
