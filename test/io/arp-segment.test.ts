import { chmodSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { ask, VIP } from './arp-ask.ts';
import { find, Segment, whyNoSegment } from './segment.ts';

const MAC = { a: '02:00:0a:09:00:02', b: '02:00:0a:09:00:03', router: '02:00:0a:09:00:fe' };

const why = whyNoSegment();

describe.skipIf(why !== undefined)(`a real segment${why === undefined ? '' : ` (${why})`}`, () => {
  let segment: Segment;
  let arping: string;

  beforeAll(() => {
    segment = new Segment();
    segment.add('mon', '02:00:0a:09:00:01', '10.9.0.1/24');
    segment.add('a', MAC.a, '10.9.0.2/24', `${VIP}/32`);
    segment.add('b', MAC.b, '10.9.0.3/24');
    segment.add('router', MAC.router, '10.9.0.254/24');
    // It answers for what it would pass on: the route to that goes out by another interface.
    segment.set('router', 'net.ipv4.conf.eth0.proxy_arp', '1');
    segment.set('router', 'net.ipv4.ip_forward', '1');
    segment.set('router', 'net.ipv4.neigh.eth0.proxy_delay', '0');
    segment.in('router', 'route', 'add', '10.9.0.88/32', 'dev', 'lo');
    arping = segment.program('mon', 'arping');
  });
  afterAll(() => {
    segment.remove();
  });

  it.concurrent('shows the one owner', async () => {
    expect(await ask(arping)).toEqual({ macs: [MAC.a], own: false });
    expect(await ask(arping, { address: '10.9.0.3' })).toEqual({ macs: [MAC.b], own: false });
  });

  it.concurrent('shows nobody where nobody answers', async () => {
    expect(await ask(arping, { address: '10.9.0.77' })).toEqual({ macs: [], own: false });
  });

  it.concurrent('shows a router that answers for another', async () => {
    expect(await ask(arping, { address: '10.9.0.88' })).toEqual({ macs: [MAC.router], own: false });
  });

  it('shows two owners, and three', async () => {
    segment.in('b', 'addr', 'add', `${VIP}/32`, 'dev', 'eth0');
    expect((await ask(arping)).macs.toSorted()).toEqual([MAC.a, MAC.b]);
    segment.in('router', 'addr', 'add', `${VIP}/32`, 'dev', 'eth0');
    expect((await ask(arping)).macs.toSorted()).toEqual([MAC.a, MAC.b, MAC.router]);
    segment.in('router', 'addr', 'del', `${VIP}/32`, 'dev', 'eth0');
    segment.in('b', 'addr', 'del', `${VIP}/32`, 'dev', 'eth0');
  });

  it('asks about its own address under another, so that nobody takes this machine for its owner', async () => {
    segment.in('mon', 'addr', 'add', `${VIP}/32`, 'dev', 'eth0');
    segment.in('b', 'neigh', 'replace', VIP, 'lladdr', MAC.a, 'dev', 'eth0', 'nud', 'stale');
    expect(await ask(arping, { own: [VIP, '10.9.0.1'] })).toEqual({ macs: [MAC.a], own: true });
    expect(segment.in('b', 'neigh', 'show', VIP)).toContain(MAC.a);
    segment.in('mon', 'addr', 'del', `${VIP}/32`, 'dev', 'eth0');
  });

  test.each([
    ['no interface of that name', { on: 'eth7' }, 'config', /eth7.*not available/],
    ['one that knows no ARP', { on: 'lo', own: [] }, 'config', /not ARPable/],
  ])('%s', async (_, options, code, message) => {
    await expect(ask(arping, options)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    });
  });

  it('an interface that is down, or that has no address to ask from', async () => {
    segment.add('late', '02:00:0a:09:00:09');
    const there = segment.program('late', 'arping');
    await expect(ask(there, { own: [] })).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining('no source address') as string,
    });
    segment.in('late', 'link', 'set', 'eth0', 'down');
    await expect(ask(there, { own: [] })).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('"eth0" is down') as string,
    });
  });

  it('a process that may open no raw socket', async () => {
    // A copy has none of the file capabilities that the distribution's has.
    const plain = join(segment.folder, 'arping');
    copyFileSync(find('arping') ?? '', plain);
    chmodSync(plain, 0o755);
    const nobody = 'setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs';
    const bounded = 'setpriv --bounding-set=-net_raw';
    for (const argv of [`${nobody} ${plain}`, `${bounded} arping`])
      await expect(ask(segment.program('mon', argv))).rejects.toMatchObject({
        code: 'no_privilege',
      });
  });
});
