import { execFileSync } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/*
 * An Ethernet segment in network namespaces of the test's own: a switch, and hosts on it. Nothing of it
 * is outside these namespaces, and deleting them deletes it.
 */

/** Why there can be no such segment here; undefined where there can. */
export function whyNoSegment(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root';
  for (const program of ['ip', 'nsenter', 'setpriv', 'arping'])
    if (find(program) === undefined) return `${program} is not installed`;
  try {
    const name = `maasha-try-${process.pid}`;
    ip('netns', 'add', name);
    ip('netns', 'del', name);
    return undefined;
  } catch {
    return 'no network namespaces may be made here';
  }
}

const ip = (...args: readonly string[]): string =>
  execFileSync(find('ip') ?? '', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** Where a program is. */
export const find = (program: string): string | undefined =>
  ['/usr/bin', '/bin', '/usr/sbin', '/sbin']
    .map((folder) => join(folder, program))
    .find((file) => existsSync(file));

export class Segment {
  readonly folder = mkdtempSync(join(tmpdir(), 'maasha-segment-'));
  readonly #prefix = `maasha-${process.pid}-${Math.floor(Math.random() * 1e6)}-`;
  readonly #hosts: string[] = [];

  constructor() {
    // Whoever runs as another account in here must be able to read it.
    chmodSync(this.folder, 0o755);
    ip('netns', 'add', this.#of('switch'));
    this.in('switch', 'link', 'add', 'br0', 'type', 'bridge');
    this.in('switch', 'link', 'set', 'br0', 'up');
  }

  #of(host: string): string {
    return `${this.#prefix}${host}`;
  }

  /** Adds a host with one interface, eth0, that has this MAC and these addresses. */
  add(host: string, mac: string, ...addresses: readonly string[]): void {
    const here = this.#of(host);
    ip('netns', 'add', here);
    this.#hosts.push(host);
    const port = `to-${host}`;
    const peer = ['type', 'veth', 'peer', 'name', port, 'netns', this.#of('switch')];
    ip('link', 'add', 'name', 'eth0', 'address', mac, 'netns', here, ...peer);
    this.in('switch', 'link', 'set', port, 'master', 'br0', 'up');
    this.in(host, 'link', 'set', 'lo', 'up');
    this.in(host, 'link', 'set', 'eth0', 'up');
    for (const address of addresses) this.in(host, 'addr', 'add', address, 'dev', 'eth0');
  }

  /** ip(8) in a host. */
  in(host: string, ...args: readonly string[]): string {
    return ip('-n', this.#of(host), ...args);
  }

  /** Sets a kernel parameter of a host's network. */
  set(host: string, parameter: string, value: string): void {
    execFileSync(find('nsenter') ?? '', [
      `--net=/run/netns/${this.#of(host)}`,
      'sysctl',
      '-qw',
      `${parameter}=${value}`,
    ]);
  }

  /** A program that runs another one on a host: what a test gives as the command to run. */
  program(host: string, ...argv: readonly string[]): string {
    const file = join(this.folder, `run-${host}-${Math.floor(Math.random() * 1e6)}`);
    const netns = `/run/netns/${this.#of(host)}`;
    writeFileSync(file, `#!/bin/sh\nexec nsenter --net=${netns} ${argv.join(' ')} "$@"\n`);
    chmodSync(file, 0o755);
    accessSync(file, constants.X_OK);
    return file;
  }

  remove(): void {
    for (const host of ['switch', ...this.#hosts]) ip('netns', 'del', this.#of(host));
    rmSync(this.folder, { recursive: true });
  }
}
