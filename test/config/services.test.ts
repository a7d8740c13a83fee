import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { ConfigError } from '../../src/config/problem.ts';
import type { Cluster, Region } from '../../src/core/region.ts';
import { scheduleProblem } from '../../src/runtime/schedule.ts';

/* The sections about what runs beside the database and DNS, and about the clusters. */

const folder = mkdtempSync(join(tmpdir(), 'maasha-services-'));
const file = join(folder, 'maasha.yaml');
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function load(more: string): Region {
  writeFileSync(
    file,
    `regions:
  - name: maas3
    vip: 172.31.16.39
    maas_url: http://172.31.16.39/MAAS
    nodes: [{ name: rc1, address: 172.31.16.32 }, { name: rc2, address: 172.31.16.33 }]
${more.replaceAll(/^/gm, '    ')}
`,
  );
  const [region] = loadConfig(file, { checks: [], scheduleProblem }).regions;
  if (region === undefined) throw new Error('no region');
  return region;
}

const clusterOf = (more: string): Cluster | undefined =>
  load(`clusters: [{ name: cc1, address: 172.31.16.34, ${more} }]`).clusters[0];

function problems(more: string): string {
  try {
    load(more);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.join('\n');
    throw error;
  }
  return 'no problem';
}

const inCluster = (more: string): string =>
  problems(`clusters: [{ name: cc1, address: 172.31.16.34, ${more} }]`);

describe('is right:', () => {
  test.each<[string, string, Partial<Region>]>([
    ['a proxy', 'proxy: { ports: [8000] }', { proxy: { ports: [8000] } }],
    [
      'a proxy and what is fetched through it',
      'proxy: { ports: [8000], object: "http://192.0.2.1/small", expect: words }',
      { proxy: { ports: [8000], object: { url: 'http://192.0.2.1/small', expect: 'words' } } },
    ],
    [
      'a web server with a status page',
      'app: { status_path: /server-status }',
      {
        app: { statusPath: '/server-status' },
      },
    ],
    [
      'a fence that only the monitor watches',
      'fencing: {}',
      {
        fencing: { role: 'maas', reports: {} },
      },
    ],
    [
      'a fence of which a node reports',
      'fencing: { role: m, reports: { rc1: { pushed: fence-rc1 } } }',
      { fencing: { role: 'm', reports: { rc1: { from: 'pushed', name: 'fence-rc1' } } } },
    ],
    [
      'a primary that is declared in a file',
      'declared_in: { file: /etc/hiera.yaml, pattern: "primary: *(\\\\S+)" }',
      {
        declaredIn: {
          source: { from: 'file', path: '/etc/hiera.yaml' },
          pattern: String.raw`primary: *(\S+)`,
        },
      },
    ],
    [
      'a primary that is declared on a page',
      'declared_in: { url: "http://puppet/primary" }',
      { declaredIn: { source: { from: 'url', url: 'http://puppet/primary' } } },
    ],
  ])('%s', (_, more, expected) => {
    expect(load(more)).toMatchObject(expected);
  });

  it('a cluster’s backup, by default at most 26 h old', () => {
    expect(clusterOf('backup: { file: /b/cc1 }')?.backup).toEqual({
      source: { from: 'file', path: '/b/cc1' },
      maxAge: 93_600,
    });
    expect(clusterOf('backup: { pushed: cc1, max_age: 1h }')?.backup?.maxAge).toBe(3600);
  });

  it('a segment, on which the cluster alone serves unless others are named', () => {
    expect(clusterOf('segment: { interface: eth1 }')?.segment).toEqual({
      interface: 'eth1',
      servers: ['172.31.16.34'],
    });
    expect(
      clusterOf('segment: { interface: eth1, servers: [172.31.17.34], dns: [172.31.16.32] }')
        ?.segment,
    ).toEqual({ interface: 'eth1', servers: ['172.31.17.34'], dns: ['172.31.16.32'] });
  });

  it('what a cluster’s services are asked for', () => {
    const services = 'services: [tftp, http, iscsi, omapi, syslog]';
    const probes =
      'probes: { tftp_file: a, boot_url: "http://172.31.16.34/", iscsi_target: iqn.x, iscsi_port: 1, omapi_port: 2, syslog_tcp_port: 3 }';
    expect(clusterOf(`${services}, ${probes}`)?.probes).toEqual({
      tftpFile: 'a',
      bootUrl: 'http://172.31.16.34/',
      iscsiTarget: 'iqn.x',
      iscsiPort: 1,
      omapiPort: 2,
      syslogTcpPort: 3,
    });
  });
});

describe('is refused:', () => {
  test.each<[string, string, string]>([
    ['a source that is nowhere', 'declared_in: {}', 'one of { file'],
    ['a source in two places', 'declared_in: { file: /a, pushed: b }', 'one of { file'],
    ['a relative path', 'declared_in: { file: a/b }', 'an absolute path'],
    ['a pattern without a group', 'declared_in: { file: /a, pattern: primary }', 'with a group'],
    ['a pattern that is none', 'declared_in: { file: /a, pattern: "(" }', 'with a group'],
    [
      'a report of a node that is not there',
      'fencing: { reports: { rc9: { file: /a } } }',
      'one of the nodes: rc1, rc2',
    ],
    ['a status page without a path', 'app: { status_path: status }', 'a path such as'],
    [
      'a name of MAAS that lies in no zone',
      'dns: { zones: [maas3], inside_name: www.example.org }',
      'a name in one of the zones: maas3',
    ],
    [
      'a name twice among the power controllers of two clusters',
      `clusters:
  - { name: a, address: 172.31.16.34, bmcs: [{ name: b, address: 172.31.16.90 }] }
  - { name: c, address: 172.31.16.35, bmcs: [{ name: b, address: 172.31.16.91 }] }`,
      'each power controller’s name once',
    ],
  ])('%s', (_, more, expected) => {
    expect(problems(more)).toContain(expected);
  });

  it.each([
    ['probes: { tftp_file: a }', '`tftp` among'],
    ['services: [tftp], probes: { iscsi_port: 1 }', '`iscsi` among'],
    ['services: [nfs]', 'one of tftp, http'],
    ['backup: { max_age: 1h }', 'one of { file'],
    ['segment: {}', 'network interface'],
  ])('in a cluster: %s', (more, expected) => {
    expect(inCluster(more)).toContain(expected);
  });
});
