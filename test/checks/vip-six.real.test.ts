import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Segment, whyNoSegment } from '../io/segment.ts';

const why = whyNoSegment();
const url = (file: string): string => pathToFileURL(join(import.meta.dirname, '../..', file)).href;

/** Looks by the real ports at a region of IPv6, in a process that lives on the segment. */
const PROGRAM = `
  const { default: vip } = await import('${url('checks/vip.ts')}');
  const { default: witness } = await import('${url('checks/vip-witness.ts')}');
  const { openWorld } = await import('${url('src/io/world.ts')}');
  const { systemClock } = await import('${url('src/io/clock.ts')}');
  const { invoke } = await import('${url('src/runtime/invoke.ts')}');
  const region = JSON.parse(process.argv.at(-1));
  const world = openWorld(systemClock, { keepPostgres: false });
  const means = { clock: systemClock, world, signal: new AbortController().signal };
  const looks = [vip, witness].map((check) => invoke(check, region, { trigger: 'cli' }, means));
  const results = await Promise.all(looks);
  await world.close();
  const values = results.flatMap(({ observations }) =>
    observations.map(({ metric, labels, value }) => [metric.name + JSON.stringify(labels), value]));
  const findings = results.flatMap((each) => each.findings.map(({ rule }) => rule));
  const skips = results.flatMap((each) => each.skips.map(({ reason }) => reason));
  const failures = results.flatMap((each) => [each.failure?.message ?? []].flat());
  process.stdout.write(JSON.stringify({ values: Object.fromEntries(values), findings, skips, failures }));
`;

interface Seen {
  readonly values: Readonly<Record<string, number>>;
  readonly findings: readonly string[];
  readonly skips: readonly string[];
  readonly failures: readonly string[];
}

describe.skipIf(why !== undefined)(
  `a real segment of IPv6${why === undefined ? '' : ` (${why})`}`,
  () => {
    let segment: Segment;
    beforeAll(() => {
      segment = new Segment();
      const hosts = { mon: '1', rc1: '2', rc2: '3' };
      for (const [host, last] of Object.entries(hosts)) {
        segment.add(host, `02:00:0a:09:00:0${last}`, `10.9.0.${last}/24`);
        segment.in(host, 'addr', 'add', `fd00:9::${last}/64`, 'dev', 'eth0', 'nodad');
      }
      segment.in('rc1', 'addr', 'add', 'fd00:9::9/128', 'dev', 'eth0', 'nodad');
      segment.in('rc1', 'addr', 'add', '10.9.0.9/32', 'dev', 'eth0');
    });
    afterAll(() => {
      segment.remove();
    });

    const look = async (changes: object): Promise<Seen> => {
      const region = {
        name: 'six',
        vip: 'fd00:9::9',
        interface: 'eth0',
        generation: 1,
        maasUrl: 'http://[fd00:9::9]/MAAS',
        nodes: [
          { name: 'rc1', address: 'fd00:9::2' },
          { name: 'rc2', address: 'fd00:9::3' },
        ],
        trustedServers: [],
        pgpool: { port: 9999 },
        rpc: { interval: 60 },
        clusters: [],
        ...changes,
      };
      const node = segment.program('mon', process.execPath);
      const args = [
        '--import',
        'tsx',
        '--input-type=module',
        '-e',
        PROGRAM,
        JSON.stringify(region),
      ];
      const { stdout } = await promisify(execFile)(node, args, { timeout: 60_000 });
      return JSON.parse(stdout) as Seen;
    };

    it('has an address that answers by ICMPv6 and TCP, and ARP has nothing to say of it', async () => {
      const { values, findings, skips } = await look({ marker: { port: 80, path: '/node' } });
      expect(values).toMatchObject({
        'maasha_vip_up{}': 1,
        'maasha_vip_reachable{"method":"icmp"}': 1,
        'maasha_vip_reachable{"method":"tcp"}': 1,
        'maasha_node_reachable{"node":"rc1"}': 1,
        'maasha_node_reachable{"node":"rc2"}': 1,
      });
      // Nothing listens there, which is an answer of the address.
      expect(findings).toEqual([
        'MaasHaVipAllServicesDown',
        'MaasHaVipServiceDown',
        'MaasHaVipServiceDown',
      ]);
      expect(skips).toContain('ARP is of IPv4, and fd00:9::9 is not');
    });

    it('stands beside one of IPv4: each is asked by its own means', async () => {
      const four = {
        vip: '10.9.0.9',
        maasUrl: 'http://10.9.0.9/MAAS',
        alsoVips: ['fd00:9::9', 'fd00:9::8'],
      };
      const nodes = [
        { name: 'rc1', address: '10.9.0.2' },
        { name: 'rc2', address: 'fd00:9::3', mac: '02:00:0a:09:00:03' },
      ];
      const { values, findings } = await look({ ...four, nodes });
      expect(values).toMatchObject({
        'maasha_vip_also_up{"address":"fd00:9::9"}': 1,
        'maasha_vip_also_up{"address":"fd00:9::8"}': 0,
        'maasha_vip_arp_responders{}': 1,
        'maasha_vip_claim{"witness":"arp","node":"rc1"}': 1,
        'maasha_vip_claim{"witness":"arp","node":"rc2"}': 0,
      });
      expect(findings).toContain('MaasHaVipAlsoUnreachable');
    });
  },
);
