import { describe, expect, it, test } from 'vitest';
import {
  alertPaths,
  bypasses,
  isLoopback,
  nameserversIn,
  type ChannelHosts,
  type Resolved,
  type Surroundings,
} from '../../src/core/alert-path.ts';
import { region } from '../support/region.ts';

const outside: Surroundings = {
  nameservers: ['198.51.100.53'],
  forwarders: [],
  proxies: [],
  noProxy: '',
};

const slackHost: Resolved = { host: 'slack.com', addresses: ['198.51.100.7'] };
const slack: ChannelHosts = { channel: 'slack', hosts: [slackHost], viaProxy: true };

const pathOf = (channel: Partial<ChannelHosts>, surroundings: Partial<Surroundings> = {}) =>
  alertPaths([{ ...slack, ...channel }], { ...outside, ...surroundings }, [
    region(),
    region({ name: 'maas9', vip: '10.9.0.1', nodes: [], clusters: [] }),
  ])[0];

const proxy = (host: string, ...addresses: string[]) => ({
  variable: 'https_proxy',
  at: { host, addresses },
});

it('finds nothing wrong with a way that has nothing to do with the region', () => {
  expect(pathOf({})).toEqual({ channel: 'slack', through: [], unresolved: [], hidden: [] });
});

describe('what leads through the region', () => {
  test.each<[string, Partial<ChannelHosts>, Partial<Surroundings>, string]>([
    [
      'a relay on a node',
      { hosts: [{ host: 'mail.lab', addresses: ['198.51.100.9', '172.31.16.32'] }] },
      {},
      'mail.lab, 172.31.16.32, is region controller rc1 of maas3',
    ],
    [
      'a relay behind the virtual address, as an address',
      { hosts: [{ host: '172.31.16.39', addresses: ['172.31.16.39'] }] },
      {},
      '172.31.16.39 is the virtual address of maas3',
    ],
    [
      'an address wrapped in IPv6',
      { hosts: [{ host: 'mail.lab', addresses: ['::FFFF:172.31.16.33'] }] },
      {},
      'mail.lab, 172.31.16.33, is region controller rc2 of maas3',
    ],
    [
      'a cluster controller',
      { hosts: [{ host: 'hook.lab', addresses: ['172.31.16.34'] }] },
      {},
      'hook.lab, 172.31.16.34, is cluster maas4 of maas3',
    ],
    [
      'the virtual address of another region',
      { hosts: [{ host: 'hook.lab', addresses: ['10.9.0.1'] }] },
      {},
      'hook.lab, 10.9.0.1, is the virtual address of maas9',
    ],
    [
      'a name server of the region',
      {},
      { nameservers: ['172.31.16.33', '198.51.100.53'] },
      'the name server of this host, 172.31.16.33, is region controller rc2 of maas3',
    ],
    [
      'a proxy of the region',
      {},
      { proxies: [proxy('proxy.lab', '172.31.16.39')] },
      'proxy.lab (the proxy in https_proxy), 172.31.16.39, is the virtual address of maas3',
    ],
  ])('%s', (_, channel, surroundings, says) => {
    expect(pathOf(channel, surroundings)?.through).toEqual([says]);
  });
});

describe('what does not', () => {
  it('a name server of the region, for a channel that needs no name', () => {
    const hosts = [{ host: '198.51.100.7', addresses: ['198.51.100.7'] }];
    expect(pathOf({ hosts }, { nameservers: ['172.31.16.33'] })?.through).toEqual([]);
  });

  it('a proxy, for a channel that uses none', () => {
    const proxies = [proxy('172.31.16.39', '172.31.16.39')];
    expect(pathOf({ viaProxy: false }, { proxies })?.through).toEqual([]);
  });

  it('a proxy, for a host that NO_PROXY exempts', () => {
    const proxies = [proxy('172.31.16.39', '172.31.16.39')];
    expect(pathOf({}, { proxies, noProxy: 'localhost,slack.com' })?.through).toEqual([]);
  });

  it('a trusted server: it is not a part of the region', () => {
    const hosts = [{ host: 'mail.lab', addresses: ['172.31.16.1'] }];
    expect(pathOf({ hosts })?.through).toEqual([]);
  });
});

describe('what cannot be told', () => {
  it('a name that does not resolve', () => {
    const hosts = [{ host: 'slack.com', addresses: [] }, slackHost];
    expect(pathOf({ hosts })?.unresolved).toEqual(['slack.com does not resolve']);
  });

  it('whom a name server on this host asks', () => {
    expect(pathOf({}, { forwarders: ['127.0.0.53'] })?.hidden).toEqual([
      'the name server 127.0.0.53 of this host asks others: which, it does not say',
    ]);
  });

  it('does not matter where no name is needed', () => {
    const hosts = [{ host: '::1', addresses: ['::1'] }];
    expect(pathOf({ hosts }, { forwarders: ['127.0.0.53'] })?.hidden).toEqual([]);
  });
});

test.each([
  { text: '', found: [] },
  { text: 'search lab\n# nameserver 192.0.2.1\n; nameserver 192.0.2.2\n', found: [] },
  {
    text: 'nameserver 192.0.2.1\n\tnameserver   192.0.2.2 # second',
    found: ['192.0.2.1', '192.0.2.2'],
  },
  {
    text: 'nameserver fe80::1%eth0\r\nnameserver 192.0.2.9\r\n',
    found: ['fe80::1%eth0', '192.0.2.9'],
  },
  { text: 'nameserver\nnameservers 192.0.2.1\n', found: [] },
])('nameserversIn($text)', ({ text, found }) => {
  expect(nameserversIn(text)).toEqual(found);
});

test.each([
  { address: '127.0.0.53', is: true },
  { address: '127.1.2.3', is: true },
  { address: '::1', is: true },
  { address: '::ffff:127.0.0.1', is: true },
  { address: '12.7.0.1', is: false },
  { address: '::10', is: false },
])('isLoopback($address) is $is', ({ address, is }) => {
  expect(isLoopback(address)).toBe(is);
});

test.each([
  { list: '', host: 'slack.com', exempt: false },
  { list: '*', host: 'slack.com', exempt: true },
  { list: 'slack.com', host: 'SLACK.com', exempt: true },
  { list: 'slack.com', host: 'files.slack.com', exempt: true },
  { list: '.slack.com', host: 'slack.com', exempt: true },
  { list: '*.slack.com', host: 'files.slack.com', exempt: true },
  { list: 'lack.com', host: 'slack.com', exempt: false },
  { list: 'localhost, 10.0.0.1 slack.com:443', host: 'slack.com', exempt: true },
  { list: '10.0.0.1', host: '10.0.0.1', exempt: true },
  { list: '::1,fd00::5', host: 'fd00::5', exempt: true },
  { list: ',,', host: 'slack.com', exempt: false },
])('NO_PROXY "$list" exempts $host: $exempt', ({ list, host, exempt }) => {
  expect(bypasses(list, host)).toBe(exempt);
});
