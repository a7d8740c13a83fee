import type { Found, FoundCluster, Given, Seen } from './found.ts';
import { printable } from '../../core/printable.ts';

/*
 * What was found, as a maasha.yaml with a comment wherever something was guessed, or could not be seen. Of what
 * servers sent, only what has the form of a name stands outside of comments; passwords are named by their files.
 */

/** Text from elsewhere for a comment: one line of plain characters. */
const quoted = (text: string): string => printable(text.replaceAll(/\s+/g, ' '), 160);

const note = (text: string, indent = 4): string => `${' '.repeat(indent)}# ${quoted(text)}`;
const line = (text: string): string => `    ${text}`;
/** A text of the operator's as YAML: JSON is. */
const text = (value: string): string => JSON.stringify(value);

const isSeen = <Value>(seen: Seen<Value> | undefined): seen is { readonly is: Value } =>
  seen !== undefined && 'is' in seen;

/** The file; it is valid whatever was found. */
export function toYaml(given: Given, found: Found): string {
  return `${[
    '# A first configuration, made by `maasha discover`. Read each comment: it says what was guessed, and what could',
    '# not be seen. Then: maasha validate FILE; maasha validate --online FILE; maasha check -c FILE',
    'regions:',
    `  - name: ${text(given.region)}`,
    line(`vip: ${text(given.vip)}`),
    ...application(given, found),
    line('nodes:'),
    ...given.nodes.map(
      ({ name, address }) => `      - { name: ${text(name)}, address: ${text(address)} }`,
    ),
    ...questions(found),
    ...marker(found),
    note('trusted_servers: addresses that always answer (gateways), as in pgpool.conf:'),
    note('without them nobody tells that the monitor itself is cut off.'),
    ...postgres(given, found),
    ...pgpool(given, found),
    ...dns(found),
    ...proxy(found),
    ...clusters(given, found),
    note('Nobody is told of anything before there is a section `alerting:` (see the README).', 0),
  ].join('\n')}\n`;
}

function application(given: Given, { maas, generation }: Found): readonly string[] {
  const host = given.vip.includes(':') ? `[${given.vip}]` : given.vip;
  const where = isSeen(maas)
    ? [
        ...(maas.is.state === 'active'
          ? []
          : [note(`MAAS answered there, but not as it should: ${maas.is.state}`)]),
        line(`maas_url: ${text(maas.is.url)}`),
      ]
    : [
        note(`Guessed: MAAS was not seen (${maas.not})`),
        line(`maas_url: ${text(given.maasUrl ?? `http://${host}/MAAS`)}`),
      ];
  return [
    ...(isSeen(generation)
      ? [line(`generation: ${generation.is}`)]
      : [
          note(`Guessed: 1 is MAAS 1.5 to 1.9, 2 is 2.0 and later (${generation.not})`),
          line('generation: 1'),
        ]),
    ...where,
  ];
}

const questions = ({ named }: Found): readonly string[] =>
  named
    .slice(0, 20)
    .map(({ address, by }) =>
      note(
        `${by} names ${address}, which was not given and so was not asked. Is it a node, or another address of one? Then give --node NAME=ADDRESS.`,
      ),
    );

const marker = ({ marker: seen }: Found): readonly string[] =>
  isSeen(seen)
    ? [line('marker: { port: 80, path: /node }')]
    : [
        note(`marker: no page /node on which each node says its name (${seen.not}):`),
        note('with one, the holder of the virtual address has one more witness.'),
      ];

function postgres(given: Given, { postgresAt, database }: Found): readonly string[] {
  const listening = Object.entries(postgresAt).filter(([, seen]) => isSeen(seen));
  const { postgres: account } = given;
  if (account === undefined)
    return [
      note(
        listening.length === 0
          ? 'postgres: no database was seen on port 5432 of any node.'
          : `postgres: a database listens on ${listening.map(([name]) => name).join(', ')}; no account was given.`,
      ),
      note(
        'postgres: { port: 5432, user: maasha, password_file: /etc/maasha/pg, database: maasdb }',
      ),
    ];
  return [
    ...(isSeen(database) ? [] : [note(`The database could not be read: ${database.not}`)]),
    ...declared(given, database),
    line('postgres:'),
    line('  port: 5432'),
    line(`  user: ${text(account.user)}`),
    ...(account.passwordFile === undefined
      ? []
      : [line(`  password_file: ${text(account.passwordFile)}`)]),
    line(`  database: ${text(account.database)}`),
  ];
}

const declared = ({ nodes }: Given, database: Found['database']): readonly string[] => {
  const primary = isSeen(database) ? database.is.primary : undefined;
  return primary === undefined || !nodes.some(({ name }) => name === primary)
    ? []
    : [
        note(
          'Guessed: the primary of this moment. It must be the one of configuration management.',
        ),
        line(`declared_primary: ${text(primary)}`),
      ];
};

function pgpool({ pcp: account }: Given, { pgpool: listens, pcp }: Found): readonly string[] {
  if (!isSeen(listens) && !isSeen(pcp))
    return [note(`pgpool: not seen on port 9999 of the virtual address (${listens.not})`)];
  const section = [line('pgpool:'), line('  port: 9999')];
  if (account === undefined)
    return [
      note('PCP was not asked: no account was given. It says who leads, and who is attached.'),
      ...section,
      note('pcp_port: 9898, pcp_user: root, pcp_password_file: /etc/maasha/pcp', 6),
    ];
  return [
    ...(isSeen(pcp) ? [] : [note(`PCP did not answer: ${pcp.not}`)]),
    ...section,
    line('  pcp_port: 9898'),
    line(`  pcp_user: ${text(account.user)}`),
    line(`  pcp_password_file: ${text(account.passwordFile)}`),
  ];
}

function dns({ master, zones, zonesFrom, slaves }: Found): readonly string[] {
  if (!isSeen(master)) return [note(`dns: no master at port 5353 (${master.not})`)];
  if (!isSeen(zones)) return [note(`dns: the master did not say which zones it has: ${zones.not}`)];
  if (zones.is.length === 0)
    return [
      note(`dns: the master serves none of the zones that were tried (from ${zonesFrom}).`),
      note('Name them: --zone NAME; or write: dns: { zones: [maas] }'),
    ];
  const silent = Object.entries(slaves).filter(([, seen]) => !isSeen(seen));
  const all = Object.keys(slaves).length;
  return [
    line('dns:'),
    line('  master_port: 5353'),
    line('  slave_port: 53'),
    note(`Served by the master, of those from ${zonesFrom}. Is one missing?`, 6),
    line(`  zones: [${zones.is.map(text).join(', ')}]`),
    ...(silent.length === all && all > 0
      ? [note('No node answers DNS on port 53.', 6), line('  slaves: []')]
      : silent.map(([name]) => note(`${name} does not answer DNS on port 53.`, 6))),
    note('outside_name: a name outside of MAAS that the slaves resolve', 6),
  ];
}

function proxy({ proxies }: Found): readonly string[] {
  const open = Object.entries(proxies).flatMap(([port, seen]) => (isSeen(seen) ? [port] : []));
  return open.length === 0
    ? [note('proxy: nothing listens on 8000 or 3128 of the virtual address.')]
    : [
        note('Something listens there; a small object (object: http://…) proves that it fetches.'),
        line(`proxy: { ports: [${open.join(', ')}] }`),
      ];
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function clusters({ clusters: given }: Given, { clusters: seen }: Found): readonly string[] {
  const known = isSeen(seen) ? seen.is : [];
  const uuidOf = (name: string): string | undefined => {
    const uuid = known.find((each) => each.name.toLowerCase() === name.toLowerCase())?.uuid;
    return uuid !== undefined && UUID.test(uuid) ? uuid : undefined;
  };
  const others = known.filter(
    ({ name }) => !given.some((each) => each.name.toLowerCase() === name.toLowerCase()),
  );
  return [
    ...(isSeen(seen) ? [] : [note(`clusters: MAAS did not say which it has (${seen.not})`)]),
    ...(given.length === 0 ? [] : [line('clusters:')]),
    ...given.map(({ name, address }) => {
      const uuid = uuidOf(name);
      return `      - { name: ${text(name)}, address: ${text(address)}${uuid === undefined ? '' : `, uuid: ${text(uuid)}`} }`;
    }),
    ...others.slice(0, 100).map(asked),
  ];
}

const asked = ({ name, uuid, address }: FoundCluster): string =>
  note(
    `MAAS has a cluster controller "${quoted(name)}"${uuid === undefined ? '' : ` (${quoted(uuid)})`}${address === undefined ? '' : ` at ${quoted(address)}`}. To watch it, give --cluster NAME=ADDRESS.`,
  );
