import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test, vi } from 'vitest';
import { seconds } from '../../src/core/time.ts';
import { Arping } from '../../src/io/arp.ts';
import { inRun } from '../support/run-scope.ts';
import { ask, interfaces, VIP } from './arp-ask.ts';

const HEAD = `ARPING ${VIP} from 10.9.0.1 eth0`;
const reply = (mac: string, from = VIP): string => `Unicast reply from ${from} [${mac}]  0.562ms`;
const sum = (sent: number, received: number): string =>
  `Sent ${sent} probes (${sent} broadcast(s))\nReceived ${received} response(s)`;
const IPUTILS = 'arping from iputils 20221126';

describe('what arping says', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'maasha-arping-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  let made = 0;
  /** A program that says this of itself, and then what it is told to say. */
  const program = (version: string, script: string): string => {
    const file = join(folder, `arping-${(made += 1)}`);
    const words = version.replaceAll("'", '');
    writeFileSync(file, `#!/bin/sh\nif [ "$1" = -V ]; then echo '${words}'; exit; fi\n${script}\n`);
    chmodSync(file, 0o755);
    return file;
  };
  const says = (output: string, { status = 0, error = '', version = IPUTILS } = {}): string =>
    program(version, `cat <<'END'\n${output}\nEND\ncat >&2 <<'END'\n${error}\nEND\nexit ${status}`);

  test.each([
    [
      'each MAC once',
      [
        HEAD,
        reply('02:AA:00:00:00:01'),
        reply('02:AA:00:00:00:02'),
        reply('02:AA:00:00:00:01'),
        sum(3, 3),
      ],
      0,
      IPUTILS,
      ['02:aa:00:00:00:01', '02:aa:00:00:00:02'],
    ],
    ['nobody', [HEAD, sum(3, 0)], 1, IPUTILS, []],
    [
      'a version of 2012',
      [HEAD, reply('02:AA:00:00:00:01'), sum(2, 1)],
      0,
      'arping utility, iputils-s20121221',
      ['02:aa:00:00:00:01'],
    ],
    [
      'BusyBox',
      [
        HEAD,
        'Unicast reply from 10.9.0.9 [02:aa:00:00:00:01] 0.012ms',
        'Sent 3 probe(s) (3 broadcast(s))',
        'Received 1 response(s) (0 request(s), 0 broadcast(s))',
      ],
      0,
      'BusyBox v1.35.0 (Debian 1:1.35.0-4+deb12u1+b1) multi-call binary.',
      ['02:aa:00:00:00:01'],
    ],
    [
      'an owner that asks for us itself',
      [
        HEAD,
        `Broadcast request from ${VIP} [02:AA:00:00:00:01] for [00:00:00:00:00:00]  0.5ms`,
        sum(3, 1),
      ],
      0,
      IPUTILS,
      ['02:aa:00:00:00:01'],
    ],
    [
      'not the reply about another address',
      [HEAD, reply('02:AA:00:00:00:01'), reply('02:AA:00:00:00:02', '10.9.0.8'), sum(3, 2)],
      0,
      IPUTILS,
      ['02:aa:00:00:00:01'],
    ],
  ])('%s', async (_, lines, status, version, macs) => {
    expect(await ask(says(lines.join('\n'), { status, version }))).toEqual({ macs, own: false });
  });

  test.each([
    ['nothing', '', 0, '', 'protocol', /says: $/],
    ['something else', '<html>\u001b[31m</html>', 0, '', 'protocol', /says: <html>\\x1b/],
    ['answers of which none can be read', `${HEAD}\nreply ?\n${sum(3, 3)}`, 0, '', 'protocol', /./],
    ['a MAC that is none', `${HEAD}\n${reply('zz:00')}\n${sum(3, 1)}`, 0, '', 'protocol', /./],
    [
      'answers about other addresses alone',
      `${HEAD}\n${reply('02:AA:00:00:00:01', '10.9.0.8')}\n${sum(3, 1)}`,
      0,
      '',
      'protocol',
      /./,
    ],
    [
      'an answer, and that there was none',
      `${HEAD}\n${reply('02:AA:00:00:00:01')}\n${sum(3, 0)}`,
      1,
      '',
      'protocol',
      /./,
    ],
    ['endless lines', `${HEAD}\n${'x'.repeat(200_000)}`, 0, '', 'protocol', /^.{1,400}$/],
    [
      'that it may not',
      '',
      2,
      'arping: socket: Operation not permitted',
      'no_privilege',
      /CAP_NET_RAW/,
    ],
    ['that it may not, in a shell', '', 126, 'sh: arping: Permission denied', 'no_privilege', /./],
    ['no such interface, in 2012', '', 2, 'arping: unknown iface eth0', 'config', /unknown iface/],
    [
      'no such interface, BusyBox',
      '',
      1,
      'arping: interface eth0 not found: No such device',
      'config',
      /not found/,
    ],
    [
      'an interface that is down, BusyBox',
      '',
      1,
      'arping: interface eth0 is down',
      'unreachable',
      /is down/,
    ],
  ] as const)('%s, which is a failure: %s', async (_, output, status, error, code, message) => {
    await expect(ask(says(output, { status, error }))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    });
  });

  it('is not asked of the program of the same name that has other options', async () => {
    const asked = join(folder, 'asked');
    const habets = program('ARPing 2.23, by Thomas Habets <thomas@habets.se>', `touch ${asked}`);
    await expect(ask(habets)).rejects.toMatchObject({
      code: 'no_privilege',
      message: expect.stringMatching(/Habets.*iputils-arping/) as string,
    });
    await expect(ask(program('nmap 7', `touch ${asked}`))).rejects.toMatchObject({
      code: 'no_privilege',
    });
    expect(existsSync(asked)).toBe(false);
  });

  it('is not asked where there is no such program, or it may not be run', async () => {
    const forbidden = says('');
    chmodSync(forbidden, 0o644);
    for (const [command, message] of [
      [join(folder, 'none'), 'none(8) is not installed'],
      [forbidden, 'cannot be run'],
    ] as const)
      await expect(ask(command)).rejects.toMatchObject({
        code: 'no_privilege',
        message: expect.stringContaining(message) as string,
      });
  });

  it.each(['2001:db8::39', 'rc1', '', '-h', '10.9.0', '10.9.0.9/24'])(
    'is never asked for %j',
    async (address) => {
      await expect(ask(join(folder, 'none'), { address })).rejects.toMatchObject({
        code: 'config',
      });
    },
  );

  it('is asked by broadcast alone, under an address of the interface that is not the one asked for', async () => {
    const file = join(folder, 'arguments');
    const script = `echo "$@" >> ${file}\nprintf '%s\\n' '${HEAD}' '${sum(3, 0).replace('\n', "' '")}'; exit 1`;
    const told = program(IPUTILS, script);
    await ask(told);
    await ask(told, { own: [VIP, '10.9.0.7'] });
    await ask(told, { own: [] });
    expect(readFileSync(file, 'utf8').trim().split('\n')).toEqual([
      `-b -w 2 -I eth0 -s 10.9.0.1 ${VIP}`,
      `-b -w 2 -I eth0 -s 10.9.0.7 ${VIP}`,
      `-b -w 2 -I eth0 ${VIP}`,
    ]);
  });

  it('ends in time where the program does not, and so does the program', async () => {
    const file = join(folder, 'pid');
    const hangs = program(IPUTILS, `echo $$ > ${file}; exec sleep 60`);
    await expect(ask(hangs, { timeout: 0.3 })).rejects.toMatchObject({ code: 'timeout' });
    await gone(file);
  });

  it('ends with the run', async () => {
    const file = join(folder, 'pid-of-run');
    const hangs = program(IPUTILS, `echo $$ > ${file}; exec sleep 60`);
    const asking = inRun(async (scope, end) => {
      const asked = new Arping(hangs, interfaces([]))
        .port(scope)
        .whoHas(VIP, { interface: 'eth0', timeout: seconds(30) });
      await vi.waitFor(() => readFileSync(file, 'utf8').trim() || expect.fail('not yet'));
      end();
      return asked;
    });
    await expect(asking).rejects.toMatchObject({ code: 'cancelled' });
    await gone(file);
  });
});

/** Waits until the process whose id the file holds is no more. */
const gone = (file: string): Promise<void> =>
  vi.waitFor(() => {
    expect(() => process.kill(Number(readFileSync(file, 'utf8')), 0)).toThrow('ESRCH');
  });
