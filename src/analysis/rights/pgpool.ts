import { CheckFailure } from '../../core/failure.ts';
import type { Node, Region } from '../../core/region.ts';
import { seconds } from '../../core/time.ts';
import type { Account } from './postgres.ts';
import {
  ADDRESS_OF_MONITOR,
  denied,
  granted,
  inFile,
  notKnown,
  only,
  silence,
  tried,
  type Asker,
  type Remedy,
  type Right,
} from './right.ts';

const LOGIN = { timeout: seconds(3) };
const ASK = { timeout: seconds(3) };

type Pgpool = NonNullable<Region['pgpool']>;

/** The watchdog by PCP of every node, and SQL by way of pgpool at the virtual address. */
export const pgpoolRights = async (
  asker: Asker,
  pgpool: Pgpool,
  account: Account | undefined,
): Promise<readonly Right[]> => {
  const byPcp = asker.region.nodes.map((node) => pcpRight(asker, pgpool, node));
  return Promise.all([
    ...byPcp,
    ...(account === undefined
      ? []
      : [sqlRight(asker, pgpool, account, { name: 'vip', host: asker.region.vip })]),
    // Where there is no PCP account, pgpool itself is asked over SQL, on every node.
    ...(account === undefined || pgpool.pcp !== undefined
      ? []
      : asker.region.nodes.map(({ name, address }) =>
          sqlRight(asker, pgpool, account, { name, host: address }),
        )),
  ]);
};

/** Where pgpool keeps the file depends on who packed it. */
const pcpConf = (node: string, user: string): Remedy => ({
  host: node,
  into: 'pcp.conf (beside pgpool.conf); pgpool reads it at each log-in',
  lines: [`printf '%s:%s\\n' ${user} "$(pg_md5 PASSWORD)" | sudo tee -a /etc/pgpool2/pcp.conf`],
});

async function pcpRight(asker: Asker, { pcp }: Pgpool, node: Node): Promise<Right> {
  const about = {
    checks: ['pgpool-watchdog', 'vip-owner'],
    what: 'ask pgpool for its watchdog and its databases (PCP)',
    where: node.name,
  };
  if (pcp === undefined)
    return denied(
      { ...about, needed: false },
      'no PCP account is configured: the watchdog cannot be seen',
      pcpConf(node.name, 'maasha'),
      {
        host: 'monitor',
        into: 'maasha.yaml, `pgpool:`',
        lines: ['pcp_user: maasha', 'pcp_password_file: /etc/maasha/pcp'],
      },
    );
  const session = await tried(asker.io.pcp.login({ host: node.address, ...pcp }, LOGIN));
  if (session instanceof CheckFailure) {
    if (session.code === 'auth')
      return denied(about, session.message, pcpConf(node.name, pcp.user));
    const at = { name: node.name, host: node.address, port: pcp.port };
    const { why, remedies } = silence(asker, at, session);
    return notKnown(about, why, ...remedies);
  }
  const view = await tried(session.watchdogInfo(ASK));
  // An answer that is an error is one, too: the account may ask.
  return view instanceof CheckFailure && view.facts['answered'] !== true
    ? notKnown(about, view.message)
    : granted(about);
}

async function sqlRight(
  asker: Asker,
  pgpool: Pgpool,
  account: Account,
  at: { readonly name: string; readonly host: string },
): Promise<Right> {
  const about = {
    checks: at.name === 'vip' ? ['postgres-vip'] : ['pgpool-watchdog'],
    what: 'run SQL by way of pgpool',
    where: at.name,
  };
  const place = { ...account, host: at.host, port: pgpool.port };
  const session = await tried(asker.io.postgres.open(place, { ...LOGIN, passing: true }));
  const told =
    session instanceof CheckFailure ? session : await tried(session.query('SELECT 1 AS one', ASK));
  if (!(told instanceof CheckFailure)) return granted(about);
  if (told.code !== 'auth') {
    const { why, remedies } = silence(asker, { ...at, port: pgpool.port }, told);
    return notKnown(about, why, ...remedies);
  }
  const hosts = at.name === 'vip' ? asker.region.nodes.map(({ name }) => name) : [at.name];
  const remedy = told.facts['noLineIn'] === undefined ? poolPassword : poolLine;
  const { from } = told.facts;
  const address = typeof from === 'string' ? from : (asker.source(at.host) ?? ADDRESS_OF_MONITOR);
  return denied(about, told.message, ...hosts.map((host) => remedy(host, account, address)));
}

const poolLine = (host: string, { user, database }: Account, from: string): Remedy => ({
  host,
  into: 'pool_hba.conf (beside pgpool.conf); then pgpool reload',
  lines: [
    `host ${inFile(database)} ${inFile(user)} ${only(from)} scram-sha-256 # md5 before pgpool 4.0`,
  ],
});

/** What pgpool logs in to the databases with, in the name of the role. */
const poolPassword = (host: string, { user }: Account): Remedy => ({
  host,
  into: 'a shell, as the user that pgpool runs as: fills pool_passwd (beside pgpool.conf)',
  lines: [`pg_enc -m -u ${inFile(user)} -p # before pgpool 4.0: pg_md5 -m -u ${inFile(user)} -p`],
});
