import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { seconds } from '../../src/core/time.ts';
import { readRoundTrips } from '../../src/io/icmp-ping8.ts';
import { mayOpenRaw, openRaw } from '../../src/io/icmp-raw.ts';
import { IcmpSockets } from '../../src/io/icmp.ts';
import { inRun } from '../support/run-scope.ts';

const ECHOES = { count: 3, interval: seconds(0.01), timeout: seconds(1) };
/** On loopback every address answers; this one's answers are lost by `withLosses`. */
const SILENT = '127.0.0.99';

/** net-ping as it is, but deaf to one address, for which it hears a reply of another host instead. */
async function withLosses() {
  const netPing = await import('net-ping');
  class Deaf extends netPing.Session {
    override pingHost(target: string, callback: (error: Error | null) => void): this {
      super.pingHost(target, callback);
      if (target !== SILENT) return this;
      const stray = Buffer.alloc(36);
      stray[0] = 0x45;
      stray.writeUInt16BE(this.sessionId, 24);
      stray.writeUInt16BE(this.nextId, 26);
      setImmediate(() => {
        this.onSocketMessage(stray, '127.0.0.1');
      });
      return this;
    }

    override onSocketMessage(message: Buffer, source: string): void {
      if (source !== SILENT) super.onSocketMessage(message, source);
    }
  }
  return { ...netPing, Session: Deaf };
}

const raw = await openRaw();
raw?.close();
const withoutRaw = raw === undefined;

describe.skipIf(withoutRaw)('ICMP by raw sockets', () => {
  let sockets: IcmpSockets;

  beforeEach(() => {
    sockets = new IcmpSockets(() => openRaw(withLosses));
  });

  afterEach(() => sockets.close());

  const ping = (address: string, options = ECHOES) =>
    inRun((scope) => sockets.port(scope).ping(address, options));

  test.each(['127.0.0.1', '127.8.9.10', '::1', '0:0::1'])('%s answers', async (address) => {
    const report = await ping(address);
    expect(report).toMatchObject({ method: 'raw', sent: 3, received: 3 });
    for (const each of report.roundTrips) expect(each).toBeGreaterThan(0);
  });

  it('measures finer than a millisecond', async () => {
    const { roundTrips } = await ping('127.0.0.1');
    expect(roundTrips.some((each) => !Number.isInteger(each * 1000))).toBe(true);
  });

  it('reports a silent host without failing', async () => {
    const report = await ping(SILENT, { ...ECHOES, timeout: seconds(0.1) });
    expect(report).toEqual({ method: 'raw', sent: 3, received: 0, roundTrips: [] });
  });

  it('never takes the reply of one host for that of another', async () => {
    const brief = { ...ECHOES, timeout: seconds(0.2) };
    const [silent, alive, six] = await Promise.all([
      ping(SILENT, brief),
      ping('127.0.0.1'),
      ping('::1'),
    ]);
    expect([silent.received, alive.received, six.received]).toEqual([0, 3, 3]);
  });

  it('pings more hosts at once than it may have echoes outstanding', async () => {
    const hosts = Array.from({ length: 600 }, (_, each) => `127.1.${each >> 8}.${each & 255}`);
    const reports = await Promise.all(
      hosts.map((address) => ping(address, { ...ECHOES, count: 1, timeout: seconds(5) })),
    );
    expect(reports.filter(({ received }) => received === 1)).toHaveLength(600);
  });

  it('reads replies that came while the process was busy', async () => {
    const pinging = ping('127.0.0.1', { ...ECHOES, count: 1, timeout: seconds(0.05) });
    setImmediate(() => {
      const end = process.hrtime.bigint() + 150_000_000n;
      while (process.hrtime.bigint() < end);
    });
    expect(await pinging).toMatchObject({ received: 1 });
  });

  it('ends with the run', async () => {
    const pinging = inRun(async (scope, end) => {
      const report = sockets.port(scope).ping(SILENT, ECHOES);
      // The first ping opens the sockets; the run ends while it waits for an answer.
      setTimeout(end, 20);
      return report;
    });
    await expect(pinging).rejects.toMatchObject({ code: 'cancelled' });
  });

  test.each(['rc1', '', '127.1', '-c1'])('refuses %j as no address', async (address) => {
    await expect(ping(address)).rejects.toMatchObject({ code: 'config' });
  });

  it('does not ping once it is closed', async () => {
    await ping('127.0.0.1');
    await sockets.close();
    await expect(ping('127.0.0.1')).rejects.toMatchObject({ code: 'no_privilege' });
  });

  it('lets a one-off process end', () => {
    const icmp = pathToFileURL(join(import.meta.dirname, '../../src/io/icmp.ts')).href;
    const scope = pathToFileURL(join(import.meta.dirname, '../../src/io/scope.ts')).href;
    const clock = pathToFileURL(join(import.meta.dirname, '../../src/io/clock.ts')).href;
    const program = `
      const { IcmpSockets } = await import('${icmp}');
      const { Scope } = await import('${scope}');
      const { systemClock } = await import('${clock}');
      const port = new IcmpSockets().port(new Scope(systemClock, new AbortController().signal));
      const { received } = await port.ping('127.0.0.1', { count: 1, interval: 0, timeout: 5 });
      process.stdout.write(String(received));`;
    const options = ['--import', 'tsx', '--input-type=module', '-e', program];
    expect(execFileSync(process.execPath, options, { encoding: 'utf8' })).toBe('1');
  });
});

describe('openRaw', () => {
  it('reads the privilege from the kernel', () => {
    const folder = mkdtempSync(join(tmpdir(), 'maasha-'));
    const status = (capabilities: string): string => {
      const file = join(folder, capabilities);
      writeFileSync(file, `Name:\tnode\nCapEff:\t${capabilities}\n`);
      return file;
    };
    const may = ['0000000000002000', '000001fffeffffff', '0000000000000000', '000001ffffffdfff'];
    expect(may.map((each) => mayOpenRaw(status(each)))).toEqual([true, true, false, false]);
    rmSync(folder, { recursive: true });
  });

  it('does without the package where it is absent or not compiled', async () => {
    expect(await openRaw(() => Promise.reject(new Error('Cannot find package')))).toBeUndefined();
  });

  it('opens none in a worker thread', async () => {
    const module = pathToFileURL(join(import.meta.dirname, '../../src/io/icmp-raw.ts')).href;
    const program = `
      const { parentPort } = require('node:worker_threads');
      import('tsx/esm/api').then(async ({ tsImport }) => {
        const { openRaw } = await tsImport('${module}', '${module}');
        parentPort.postMessage((await openRaw()) === undefined);
      });`;
    const worker = new Worker(program, { eval: true });
    const none = await new Promise((resolve, reject) => {
      worker.once('message', resolve).once('error', reject);
    });
    await worker.terminate();
    expect(none).toBe(true);
  });
});

/** iputils 20221126. */
const PRINTED = `PING 127.0.0.1 (127.0.0.1) 56(84) bytes of data.
64 bytes from 127.0.0.1: icmp_seq=1 ttl=64 time=0.111 ms
64 bytes from 127.0.0.1: icmp_seq=2 ttl=64 time=0.047 ms
64 bytes from 127.0.0.1: icmp_seq=3 ttl=64 time=12 ms

--- 127.0.0.1 ping statistics ---
3 packets transmitted, 3 received, 0% packet loss, time 407ms
rtt min/avg/max/mdev = 0.047/0.070/0.111/0.029 ms
`;

describe('readRoundTrips', () => {
  it('reads what iputils prints', () => {
    expect(readRoundTrips(PRINTED, '127.0.0.1')).toEqual([0.111 / 1000, 0.047 / 1000, 0.012]);
  });

  test.each([
    [
      'a reply of IPv6',
      '64 bytes from ::1: icmp_seq=1 ttl=64 time=0.127 ms',
      '::1',
      [0.127 / 1000],
    ],
    ['busybox', '64 bytes from 127.0.0.1: seq=0 ttl=64 time=0.070 ms', '127.0.0.1', [0.07 / 1000]],
    [
      'a duplicate',
      '64 bytes from 127.0.0.1: icmp_seq=1 ttl=64 time=1.0 ms (DUP!)',
      '127.0.0.1',
      [],
    ],
    ['another host', '64 bytes from 127.0.0.2: icmp_seq=1 ttl=64 time=1.0 ms', '127.0.0.1', []],
    ['an error', 'From 192.0.2.9 icmp_seq=1 Destination Host Unreachable', '192.0.2.1', []],
    ['nothing', '', '127.0.0.1', []],
  ])('reads %s', (_, output, address, roundTrips) => {
    expect(readRoundTrips(output, address)).toEqual(roundTrips);
  });
});

describe('ICMP by ping(8)', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'maasha-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  /** A program in the place of ping(8), which notes how it was called. */
  const pingBy = (script: string, options = ECHOES, address = '127.0.0.1') => {
    const command = join(folder, 'ping');
    writeFileSync(command, `#!/bin/sh\n${script}\n`);
    chmodSync(command, 0o755);
    const sockets = new IcmpSockets(() => Promise.resolve(undefined), command);
    return inRun((scope) => sockets.port(scope).ping(address, options));
  };

  const printing = `cat <<'END'\n${PRINTED}END`;

  it('reports what it prints', async () => {
    const report = await pingBy(printing);
    expect(report).toMatchObject({ method: 'ping', sent: 3, received: 3 });
  });

  it('calls it without names, without locale, and not faster than it goes unprivileged', async () => {
    const script = `[ "$LC_ALL $*" = "C -n -c 3 -i 0.2 -W 1 127.0.0.1" ] || exit 3\n${printing}`;
    expect(await pingBy(script)).toMatchObject({ received: 3 });
  });

  it('reports a silent host without failing', async () => {
    expect(await pingBy('exit 1')).toMatchObject({ sent: 3, received: 0, roundTrips: [] });
  });

  it('counts a reply that took too long as lost', async () => {
    const report = await pingBy(printing, { ...ECHOES, timeout: seconds(0.005) });
    expect(report.received).toBe(2);
  });

  test.each([
    ['the shell', 'exit 126'],
    ['the kernel', 'echo "ping: socket: Operation not permitted" >&2; exit 2'],
    ['ping itself', 'echo "ping: => missing cap_net_raw+p capability" >&2; exit 2'],
  ])('says that it has no privilege when %s says so', async (_, script) => {
    await expect(pingBy(script)).rejects.toMatchObject({ code: 'no_privilege' });
  });

  it('says so where there is no ping(8) at all', async () => {
    const sockets = new IcmpSockets(() => Promise.resolve(undefined), join(folder, 'absent'));
    const pinging = inRun((scope) => sockets.port(scope).ping('127.0.0.1', ECHOES));
    await expect(pinging).rejects.toMatchObject({ code: 'no_privilege' });
  });

  it('takes what a ping that hangs has printed, and kills it', async () => {
    const script = `echo $$ > ${join(folder, 'pid')}\n${printing}\nexec sleep 60`;
    const brief = { count: 1, interval: seconds(0), timeout: seconds(1) };
    const report = await pingBy(script, brief);
    expect(report.received).toBe(3);
  });
});
