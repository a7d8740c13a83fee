import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { find, Segment, whyNoSegment } from './segment.ts';

const why = whyNoSegment() ?? (find('dhcpd') === undefined ? 'dhcpd is not installed' : undefined);

const NOBODY = 'setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs';
const HOLDER = `
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(sys.argv[1]))
s.bind(("0.0.0.0", 68))
print("bound", flush=True)
sys.stdin.read()
`;

describe.skipIf(why !== undefined)(
  `DHCP on a real segment${why === undefined ? '' : ` (${why})`}`,
  () => {
    let segment: Segment;
    const running: ChildProcess[] = [];

    /** Starts a program on a host and waits for a line of it. */
    async function start(
      host: string,
      argv: readonly string[],
      line: RegExp,
    ): Promise<ChildProcess> {
      const child = spawn(segment.program(host, ...argv), { stdio: ['pipe', 'pipe', 'pipe'] });
      running.push(child);
      await new Promise<void>((resolve, reject) => {
        child.once('exit', () => {
          reject(new Error(`${argv.join(' ')} ended`));
        });
        for (const stream of [child.stdout, child.stderr])
          createInterface(stream).on('line', (text) => {
            if (line.test(text)) resolve();
          });
      });
      return child;
    }

    async function stop(child: ChildProcess): Promise<void> {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill();
      await once(child, 'exit');
    }

    /** A dhcpd without a wait for an echo: what it costs is measured elsewhere. */
    function serve(host: string, last: number, authoritative: boolean): Promise<ChildProcess> {
      const file = (name: string) => join(segment.folder, `${host}-${name}`);
      writeFileSync(
        file('conf'),
        `${authoritative ? 'authoritative;\n' : ''}ping-check false;
subnet 10.9.0.0 netmask 255.255.255.0 {
  range 10.9.0.${last} 10.9.0.${last};
  option domain-name-servers 10.9.0.32, 10.9.0.33;
}
`,
      );
      writeFileSync(file('leases'), '');
      const files = ['-cf', file('conf'), '-lf', file('leases'), '--no-pid'];
      return start(host, [find('dhcpd') ?? '', '-4', '-f', '-d', ...files, 'eth0'], /service/);
    }

    async function ask(
      leg: string,
      type: string,
      { as = '', wait = '0.7' } = {},
    ): Promise<unknown> {
      const argv = [
        ...as.split(' ').filter(Boolean),
        process.execPath,
        '--import',
        'tsx',
        new URL('dhcp-ask.ts', import.meta.url).pathname,
      ];
      const run = promisify(execFile);
      const { stdout } = await run(segment.program('mon', ...argv), [leg, type, wait]);
      return JSON.parse(stdout);
    }

    beforeAll(async () => {
      segment = new Segment();
      segment.add('mon', '02:00:0a:09:00:01', '10.9.0.1/24');
      segment.add('maas', '02:00:0a:09:00:02', '10.9.0.2/24');
      segment.add('free', '02:00:0a:09:00:03', '10.9.0.3/24');
      await serve('maas', 100, false);
    });
    afterAll(async () => {
      await Promise.all(running.map(stop));
      segment.remove();
    });

    const OFFER = { type: 'offer', from: '10.9.0.2', server: '10.9.0.2', offered: '10.9.0.100' };

    it('DISCOVER brings an offer, with both DNS servers', async () => {
      expect(await ask('eth0', 'discover')).toMatchObject([
        { ...OFFER, dns: ['10.9.0.32', '10.9.0.33'] },
      ]);
    });

    it('INFORM brings nothing from a server that is not authoritative', async () => {
      expect(await ask('eth0', 'inform')).toEqual([]);
    });

    it('hears every server, each in its own way', async () => {
      const second = await serve('free', 200, true);
      const offers = (await ask('eth0', 'discover')) as readonly { from: string }[];
      expect(offers.map(({ from }) => from).toSorted()).toEqual(['10.9.0.2', '10.9.0.3']);
      const acks = await ask('eth0', 'inform');
      expect(acks).toMatchObject([{ type: 'ack', from: '10.9.0.3' }]);
      expect(acks).not.toMatchObject([{ offered: expect.anything() as unknown }]);
      await stop(second);
    });

    it('binds no lease', async () => {
      await ask('eth0', 'discover');
      const { stdout } = await promisify(execFile)('cat', [join(segment.folder, 'maas-leases')]);
      expect(stdout).not.toContain('lease 10.9');
    });

    it('shares the port with a DHCP client that shares it', async () => {
      const client = await start('mon', ['python3', '-c', quoted(HOLDER), '1'], /bound/);
      expect(await ask('eth0', 'discover')).toMatchObject([OFFER]);
      await stop(client);
    });

    it('says that a DHCP client keeps the port to itself', async () => {
      const client = await start('mon', ['python3', '-c', quoted(HOLDER), '0'], /bound/);
      expect(await ask('eth0', 'discover')).toMatchObject({
        code: 'config',
        says: expect.stringContaining('port 68 is taken by a DHCP client') as string,
      });
      await stop(client);
    });

    test.each([
      ['no such interface', 'eth7', 'config', /no such interface/],
      ['an interface without an address of IPv4', 'lo6', 'config', /no IPv4 address/],
      ['one that is down', 'down0', 'unreachable', /down, or has no address/],
    ])('%s', async (_, leg, code, says) => {
      if (leg === 'lo6') {
        segment.in('mon', 'link', 'add', leg, 'type', 'veth', 'peer', 'name', 'other6');
        for (const end of [leg, 'other6']) segment.in('mon', 'link', 'set', end, 'up');
        segment.in('mon', 'addr', 'add', 'fd00::1/64', 'dev', leg, 'nodad');
      }
      if (leg === 'down0')
        segment.in('mon', 'link', 'add', leg, 'type', 'veth', 'peer', 'name', 'other0');
      expect(await ask(leg, 'discover')).toEqual({
        code,
        says: expect.stringMatching(says) as string,
      });
    });

    it('without the privilege for port 68', async () => {
      expect(await ask('eth0', 'discover', { as: NOBODY })).toMatchObject({
        code: 'no_privilege',
        says: expect.stringContaining('CAP_NET_BIND_SERVICE') as string,
      });
    });
  },
);

/** One word of a shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
