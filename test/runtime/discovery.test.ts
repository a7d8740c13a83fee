import { describe, expect, it, test } from 'vitest';
import { seconds } from '../../src/core/time.ts';
import { loadChecks } from '../../src/runtime/catalogue.ts';
import { addressOf, discover } from '../../src/runtime/discovery.ts';
import { plan, isOfMonitor } from '../../src/runtime/plan.ts';
import { testCheck } from '../support/checks.ts';
import { region } from '../support/region.ts';

const HERE = { address: '10.0.0.1:9877' };
const all = await loadChecks();

describe('what there is to probe', () => {
  it('is each region with each check, addressed as blackbox users know it', () => {
    expect(discover([testCheck()], [region()], HERE)).toEqual([
      {
        targets: ['10.0.0.1:9877'],
        labels: {
          region: 'maas3',
          check: 'test',
          __metrics_path__: '/probe',
          __param_region: 'maas3',
          __param_check: 'test',
          __scrape_interval__: '10s',
          __scrape_timeout__: '6s',
        },
      },
    ]);
  });

  it('is what the service would run, and not the monitor', () => {
    const regions = [region(), region({ name: 'small', nodes: [], clusters: [] })];
    const found = discover(all, regions, HERE).map(({ labels }) => [
      labels['region'],
      labels['check'],
    ]);
    const planned = plan(all, regions).filter(({ check }) => !isOfMonitor(check));
    expect(found).toEqual(planned.map(({ check, region: at }) => [at.name, check.name]));
    expect(found.length).toBeGreaterThan(20);
  });

  it('is what a filter leaves, and a name that is not there is refused', () => {
    const checks = [testCheck(), testCheck({ name: 'other' })];
    const regions = [region(), region({ name: 'maas9' })];
    const only = discover(checks, regions, { ...HERE, regions: ['maas9'], checks: ['other'] });
    expect(only.map(({ labels }) => [labels['region'], labels['check']])).toEqual([
      ['maas9', 'other'],
    ]);
    expect(() => discover(checks, regions, { ...HERE, regions: ['maas9', 'x'] })).toThrow(
      'region=x is not known; there is maas3, maas9',
    );
    expect(() => discover(checks, regions, { ...HERE, checks: ['x'] })).toThrow('check=x');
  });
});

describe('the times of a target', () => {
  const milliseconds = (text = ''): number =>
    Number.parseFloat(text) * (text.endsWith('ms') ? 1 : 1000);

  it.each(discover(all, [region()], HERE).map(({ labels }) => [labels['check'] ?? '', labels]))(
    'of %s are taken by Prometheus, and leave the check its whole deadline',
    (name, labels) => {
      const check = all.find((each) => each.name === name);
      const interval = labels['__scrape_interval__'];
      const timeout = labels['__scrape_timeout__'];
      expect(interval).toMatch(/^\d+(s|ms)$/);
      expect(timeout).toMatch(/^\d+(s|ms)$/);
      expect(milliseconds(timeout)).toBeLessThanOrEqual(milliseconds(interval));
      expect(milliseconds(timeout)).toBeGreaterThan((check?.timeout ?? 0) * 1000);
    },
  );

  it.each([
    ['the deadline and some more', { every: '10s', timeout: seconds(4) }, '10s', '5s'],
    ['no more than the interval', { every: '5s', timeout: seconds(30) }, '5s', '5s'],
    [
      'in milliseconds, where they are no whole seconds',
      { timeout: seconds(1.5) },
      '10s',
      '2500ms',
    ],
    ['the longest pause of a cron expression', { every: '5,35 * * * * *' }, '30s', '6s'],
  ])('are %s', (_, changes, interval, timeout) => {
    const [target] = discover([testCheck(changes)], [region()], HERE);
    expect(target?.labels).toMatchObject({
      __scrape_interval__: interval,
      __scrape_timeout__: timeout,
    });
  });

  it('allow a derived check to have all looked at that it needs', () => {
    const need = testCheck({ name: 'need', timeout: seconds(8) });
    const middle = testCheck({ name: 'middle', timeout: seconds(1), needs: ['need'] });
    const last = testCheck({ name: 'last', every: '1m', timeout: seconds(1), needs: ['middle'] });
    const [target] = discover([need, middle, last], [region()], { ...HERE, checks: ['last'] });
    expect(target?.labels['__scrape_timeout__']).toBe('11s');
  });
});

describe('the address', () => {
  test.each([
    ['10.0.0.1:9877', undefined, '10.0.0.1:9877'],
    ['maasha.example.org', undefined, 'maasha.example.org'],
    ['[2001:db8::1]:9877', undefined, '[2001:db8::1]:9877'],
    ['10.0.0.1:9877', 'balancer:80', 'balancer:80'],
    [undefined, 'balancer:80', 'balancer:80'],
  ])('of Host: %s and ?address=%s is %s', (host, override, address) => {
    expect(addressOf(override, host)).toBe(address);
  });

  test.each([
    [undefined],
    [''],
    ['host:0'],
    ['host:65536'],
    ['host:port'],
    ['host:9877/path'],
    ['user@host:9877'],
    ['host\r\nX: y'],
    ['host 1'],
    ['[2001:db8::1'],
    ['2001:db8::1'],
    ['"}],'],
    ['{{host}}'],
    ['a'.repeat(300)],
  ])('%j is refused, wherever it comes from', (text) => {
    expect(() => addressOf(undefined, text)).toThrow('the header Host is no host:port');
    if (text !== undefined) expect(() => addressOf(text, 'host:1')).toThrow('address= is no');
  });
});
