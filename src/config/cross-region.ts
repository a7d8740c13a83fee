import { isIP } from 'node:net';
import { MONITOR } from '../core/ports/monitor.ts';
import { canonical } from './address.ts';
import { serviceProblems } from './cross-services.ts';
import { list, problem, record, repeated, type Loose, type Path } from './loose.ts';
import type { Problem } from './problem.ts';

/** Mistakes in one region that only show when several of its values are seen together. */
export const regionProblems = (region: Loose, at: Path): readonly Problem[] => [
  ...nameProblems(region, at),
  ...addressProblems(region, at),
  ...dnsProblems(record(region['dns']), [...at, 'dns']),
  ...sectionProblems(region, at),
  ...serviceProblems(region, at),
];

/** What the metrics, and the runbooks, call the DNS master: nothing else may be called so. */
const MASTER = 'vip';

const sameName = (value: unknown): unknown =>
  typeof value === 'string' ? value.toLowerCase().replace(/\.$/, '') : value;
const sameAddress = (value: unknown): unknown =>
  typeof value === 'string' && isIP(value) !== 0 ? canonical(value) : value;

function nameProblems(region: Loose, at: Path): readonly Problem[] {
  const namesIn = (key: string) => list(region[key]).map((each) => record(each)['name']);
  const nodes = namesIn('nodes');
  const declared = region['declared_primary'];
  return [
    ...(region['name'] === MONITOR.name
      ? [problem([...at, 'name'], MONITOR.name, 'another name: the monitor itself has this one')]
      : []),
    ...repeated(nodes, (index) => [...at, 'nodes', index, 'name'], 'each node’s name once'),
    ...reserved(nodes, (index) => [...at, 'nodes', index, 'name']),
    ...repeated(
      namesIn('clusters'),
      (index) => [...at, 'clusters', index, 'name'],
      'each cluster’s name once',
    ),
    ...(typeof declared === 'string' && nodes.length > 0 && !nodes.includes(declared)
      ? [
          problem(
            [...at, 'declared_primary'],
            declared,
            `one of the nodes: ${nodes.map(String).join(', ')}`,
          ),
        ]
      : []),
  ];
}

const reserved = (names: readonly unknown[], at: (index: number) => Path): readonly Problem[] =>
  names.flatMap((name, index) =>
    name === MASTER
      ? [problem(at(index), name, 'another name: the virtual address has this one')]
      : [],
  );

function addressProblems(region: Loose, at: Path): readonly Problem[] {
  const nodes = list(region['nodes']).map(record);
  const own = [
    { address: region['vip'], path: [...at, 'vip'] },
    ...nodes.map(({ address }, index) => ({ address, path: [...at, 'nodes', index, 'address'] })),
    ...list(region['also_vips']).map((address, index) => ({
      address,
      path: [...at, 'also_vips', index],
    })),
  ];
  return [
    ...repeated(
      own.map(({ address }) => address),
      (index) => own[index]?.path ?? at,
      'an address of its own for the VIP and for each node',
      sameAddress,
    ),
    ...repeated(
      nodes.map(({ mac }) => mac),
      (index) => [...at, 'nodes', index, 'mac'],
      'a MAC address of its own for each node',
      sameName,
    ),
  ];
}

function dnsProblems(dns: Loose, at: Path): readonly Problem[] {
  const zones = list(dns['zones']);
  const slaves = list(dns['slaves']).map(record);
  const names = slaves.map(({ name }) => name);
  const [outside, within] = [dns['outside_name'], dns['inside_name']];
  const isAstray =
    typeof within === 'string' &&
    zones.length > 0 &&
    !zones.some((zone) => typeof zone === 'string' && isWithin(within, zone));
  const inside = zones
    .filter((zone) => typeof zone === 'string')
    .find((zone) => isWithin(outside, zone));
  return [
    ...repeated(zones, (index) => [...at, 'zones', index], 'each zone once', sameName),
    ...repeated(names, (index) => [...at, 'slaves', index, 'name'], 'each slave’s name once'),
    ...reserved(names, (index) => [...at, 'slaves', index, 'name']),
    ...repeated(
      slaves.map(({ address }) => address),
      (index) => [...at, 'slaves', index, 'address'],
      'each slave’s address once',
      sameAddress,
    ),
    ...(inside === undefined
      ? []
      : [
          problem(
            [...at, 'outside_name'],
            outside,
            `a name outside of MAAS: this one lies in the zone ${inside}`,
          ),
        ]),
    ...(isAstray
      ? [
          problem(
            [...at, 'inside_name'],
            within,
            `a name in one of the zones: ${zones.map(String).join(', ')}`,
          ),
        ]
      : []),
  ];
}

const isWithin = (name: unknown, zone: string): boolean =>
  typeof name === 'string' && `.${String(sameName(name))}`.endsWith(`.${String(sameName(zone))}`);

/** Keys that mean something only together with others. */
function sectionProblems(region: Loose, at: Path): readonly Problem[] {
  const pgpool = record(region['pgpool']);
  const url = region['maas_url'];
  return [
    ...('pcp_user' in pgpool !== 'pcp_password_file' in pgpool
      ? [
          problem(
            [...at, 'pgpool'],
            undefined,
            'pcp_user and pcp_password_file together, or neither',
          ),
        ]
      : []),
    ...('canary' in record(region['postgres']) && !('pgpool' in region)
      ? [
          problem(
            [...at, 'postgres', 'canary'],
            record(region['postgres'])['canary'],
            'a section `pgpool` beside it: the canary is written through pgpool at the VIP',
          ),
        ]
      : []),
    ...('maas_tls' in region && typeof url === 'string' && !/^https:/i.test(url)
      ? [problem([...at, 'maas_tls'], region['maas_tls'], 'an https `maas_url` beside it')]
      : []),
  ];
}
