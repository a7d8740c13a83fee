import { evidence, gap, type Note } from '../../core/check.ts';
import { CheckFailure } from '../../core/failure.ts';
import { gauge, observe } from '../../core/metric.ts';
import type { Rule } from '../../core/rule.ts';
import { seconds } from '../../core/time.ts';
import { serialDistance } from '../../protocol/serial.ts';
import { without, type MaasZones } from './maas-zones.ts';
import { isAlive, isGone, servedBy, type Server } from './servers.ts';
import { enumerate, summarise } from './zone.ts';

/* The zones of MAAS's database against those that are served. */

export const missing = gauge({
  name: 'maasha_dns_zones_missing',
  help: 'Zones that the database of MAAS has and this server does not serve with authority; without those that `dns.zones` names, which are watched one by one, and at a slave without those that the master lacks.',
  labels: ['server'],
});
export const published = gauge({
  name: 'maasha_dns_serial_published',
  help: 'Newest serial of DNS that the database of MAAS published (generation 2).',
  labels: [],
});
export const notFromDatabase = gauge({
  name: 'maasha_dns_not_from_database',
  help: 'Whether the DNS master serves another serial than the database of MAAS published two minutes ago or since (1) or not (0); generation 2.',
  labels: [],
});

export const rules: readonly Rule[] = [
  {
    name: 'MaasHaDnsZoneMissing',
    severity: 'warning',
    metric: missing,
    when: { above: 0 },
    // MAAS writes a new zone within seconds; whoever keeps the list of the slaves needs a while.
    for: seconds(600),
    inhibitedBy: [
      { alert: 'MaasHaDnsSlaveDown', on: { server: 'node' } },
      { alert: 'MaasHaDnsNotFromDatabase' },
    ],
    summary:
      '{server} lacks {value} zones that MAAS has: they have no spare there, or no server at all',
  },
  {
    name: 'MaasHaDnsNotFromDatabase',
    severity: 'warning',
    metric: notFromDatabase,
    when: { equal: 1 },
    for: seconds(60),
    inhibitedBy: [
      { alert: 'MaasHaDnsMasterDown' },
      { alert: 'MaasHaVipServiceDown', where: { service: 'dns' } },
      { alert: 'MaasHaVipUnreachable' },
      { alert: 'MaasHaRegionDown' },
      { alert: 'MaasHaNoPrimary' },
      { alert: 'MaasHaTwoPrimaries' },
      { alert: 'MaasHaDnsMasterRegressed' },
      { alert: 'MaasHaSerialSequenceWentBack' },
    ],
    summary:
      'The DNS master does not serve what MAAS published: changes of names are not to be seen',
  },
];

/** Of which server which zones of MAAS are missing, and which of them nobody watches. */
export function missingNotes(
  { names, certain, left }: MaasZones,
  watched: readonly string[],
  master: Server,
  slaves: readonly Server[],
): readonly Note[] {
  const served = (zone: string): boolean => servedBy(master, zone) !== undefined;
  // Where MAAS may keep a zone without DNS, the master alone says which ones it does serve.
  const expected = certain ? names : names.filter(served);
  const unwatched = without(expected, watched);
  const gone = certain ? without(watched, names) : [];
  return [
    ...serverNotes(master, expected, unwatched),
    // What the master does not have either is told of the master alone.
    ...slaves.flatMap((slave) =>
      serverNotes(
        slave,
        expected.filter((zone) => !isGone(master, zone)),
        unwatched,
      ),
    ),
    ...says('configuration', 'MAAS has zones that `dns.zones` does not name:', unwatched),
    ...says('configuration', '`dns.zones` names what is no zone of MAAS:', gone),
    ...(left === 0 ? [] : [evidence('zones', `${left} more zones of MAAS are not looked at`)]),
    ...(certain || names.length === 0
      ? []
      : [evidence('zones', 'only those that the master serves: MAAS may keep others without DNS')]),
  ];
}

const says = (subject: string, words: string, zones: readonly string[]): readonly Note[] =>
  zones.length === 0 ? [] : [evidence(subject, `${words} ${enumerate(zones)}`)];

function serverNotes(
  server: Server,
  expected: readonly string[],
  unwatched: readonly string[],
): readonly Note[] {
  const { name, said } = server;
  if (expected.length === 0) return [observe(missing, 0, { server: name })];
  if (isAlive(server) !== true) {
    const failure = [...said.values()].find((each) => each instanceof CheckFailure);
    return failure === undefined ? [] : [gap(name, failure)];
  }
  const lacks = expected.filter((zone) => isGone(server, zone));
  const words = lacks.flatMap((zone): [string, string][] => {
    const answer = said.get(zone);
    return answer !== undefined && 'why' in answer ? [[answer.why, zone]] : [];
  });
  return [
    observe(missing, lacks.filter((zone) => unwatched.includes(zone)).length, { server: name }),
    ...summarise(words).map((each) => evidence(name, each)),
  ];
}

/** MAAS's own zones bear this mailbox in every version; others have serials of their own. */
const BY_MAAS = /^nobody\.example\.com\.?$/i;

/** What the master serves against what MAAS published; the master must have been asked first. */
export function publicationNotes(
  { newest, settled }: { readonly newest: number | null; readonly settled: number | null },
  master: Server,
): readonly Note[] {
  if (newest === null) return [evidence('publication', 'MAAS has published nothing yet')];
  const served = [...master.said].flatMap(([zone, said]) =>
    'soa' in said && BY_MAAS.test(said.soa.mailbox) ? [{ zone, serial: said.soa.serial }] : [],
  );
  const behind = served.filter(
    ({ serial }) => settled !== null && (serialDistance(settled, serial) ?? 0) < 0,
  );
  const ahead = served.filter(({ serial }) => (serialDistance(newest, serial) ?? 0) > 0);
  const tell = (words: string) => (list: typeof served) =>
    list.length === 0
      ? []
      : [
          evidence(
            'publication',
            `${words} ${enumerate(list.map(({ zone, serial }) => `${zone} ${serial}`))}`,
          ),
        ];
  return [
    observe(published, newest, {}),
    ...(served.length === 0
      ? []
      : [observe(notFromDatabase, behind.length + ahead.length > 0, {})]),
    ...tell(`MAAS published ${newest}, and the region does not write it: the master serves`)(
      behind,
    ),
    ...tell(
      `MAAS published ${newest} as its newest: its database went back, for the master serves`,
    )(ahead),
  ];
}
