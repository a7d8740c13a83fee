import { list, problem, record, repeated, type Loose, type Path } from './loose.ts';
import type { Problem } from './problem.ts';

/** Mistakes in what runs beside the database and DNS, and in the clusters, that one value alone cannot show. */
export const serviceProblems = (region: Loose, at: Path): readonly Problem[] => [
  ...reportProblems(region, at),
  ...list(region['clusters']).flatMap((cluster, index) =>
    probeProblems(record(cluster), [...at, 'clusters', index]),
  ),
  ...bmcProblems(region, at),
];

/** Each node speaks of its own fence only. */
function reportProblems(region: Loose, at: Path): readonly Problem[] {
  const nodes = list(region['nodes']).map((node) => record(node)['name']);
  const reports = Object.keys(record(record(region['fencing'])['reports']));
  return reports
    .filter((name) => nodes.length > 0 && !nodes.includes(name))
    .map((name) =>
      problem(
        [...at, 'fencing', 'reports', name],
        name,
        `one of the nodes: ${nodes.map(String).join(', ')}`,
      ),
    );
}

/** What a probe is for; it is asked only where the cluster has that service. */
const SERVICE_OF: Readonly<Record<string, string>> = {
  tftp_file: 'tftp',
  boot_url: 'http',
  iscsi_target: 'iscsi',
  iscsi_port: 'iscsi',
  omapi_port: 'omapi',
  syslog_tcp_port: 'syslog',
};

function probeProblems(cluster: Loose, at: Path): readonly Problem[] {
  const services = list(cluster['services']);
  const probes = record(cluster['probes']);
  return Object.keys(probes).flatMap((key) => {
    const service = SERVICE_OF[key];
    return service === undefined || services.includes(service)
      ? []
      : [
          problem(
            [...at, 'probes', key],
            probes[key],
            `\`${service}\` among the cluster’s \`services\` beside it`,
          ),
        ];
  });
}

/** They are told apart by name, across the whole region. */
function bmcProblems(region: Loose, at: Path): readonly Problem[] {
  const bmcs = list(region['clusters']).flatMap((cluster, index) =>
    list(record(cluster)['bmcs']).map((bmc, each) => ({
      name: record(bmc)['name'],
      path: [...at, 'clusters', index, 'bmcs', each, 'name'],
    })),
  );
  return repeated(
    bmcs.map(({ name }) => name),
    (index) => bmcs[index]?.path ?? at,
    'each power controller’s name once in a region',
  );
}
