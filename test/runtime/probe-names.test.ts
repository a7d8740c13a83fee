import { describe, expect, it } from 'vitest';
import { observe } from '../../src/core/metric.ts';
import { systemClock } from '../../src/io/clock.ts';
import { loadChecks } from '../../src/runtime/catalogue.ts';
import { probeMetrics } from '../../src/runtime/probe-metrics.ts';
import { started } from '../support/probe-server.ts';
import { region } from '../support/region.ts';

/** A check of the catalogue, whose runs see what they are told. */
async function seeing(name: string, samples: Readonly<Record<string, [number, object?]>>) {
  const check = (await loadChecks()).find((each) => each.name === name);
  if (check === undefined) throw new Error(`no check is named ${name}`);
  const notes = Object.entries(samples).map(([metric, [seen, labels = {}]]) => {
    const declared = check.metrics.find((each) => each.name === metric);
    if (declared === undefined) throw new Error(`${name} does not declare ${metric}`);
    return observe(declared, seen, { ...labels });
  });
  return { ...check, rules: [], run: async () => notes };
}

describe('the names of blackbox_exporter', () => {
  it('are made of metrics that the checks declare', async () => {
    const checks = await loadChecks();
    for (const { from, of } of probeMetrics) {
      if (from === undefined) continue;
      const check = checks.find(({ name }) => name === from);
      expect(check, `no check is named ${from}`).toBeDefined();
      if (of !== undefined) expect(check?.metrics.map(({ name }) => name)).toContain(of);
    }
  });

  it('are declared once each, with the labels that they have', () => {
    expect(new Set(probeMetrics.map(({ name }) => name)).size).toBe(probeMetrics.length);
    for (const { labels, with: fixed = {} } of probeMetrics)
      expect(Object.keys(fixed)).toEqual(labels);
  });

  const serials = () =>
    seeing('dns-serial', {
      maasha_dns_soa_serial: [2026112301, { zone: 'maas3', server: 'vip' }],
    });

  it('tell the master’s serial of the zone that is asked for', async () => {
    const { get } = await started([await serials()]);
    const { body } = await get('/probe?check=dns-serial&zone=maas3');
    expect(body).toMatch(/^probe_dns_serial 2026112301$/m);
  });

  it('tell no serial where nobody says of which zone, and how to ask', async () => {
    const { get } = await started([await serials()]);
    const { body } = await get('/probe?check=dns-serial');
    expect(body).not.toMatch(/^probe_dns_serial/m);
    expect(body).toContain('# probe_dns_serial needs one of 2 zones: &zone=maas3');
    expect((await get('/probe?check=dns-serial&zone=x')).body).toContain('zone=x is not known');
  });

  it('tell the serial of the only zone unasked', async () => {
    const dns = { masterPort: 5353, slavePort: 53, zones: ['maas3'] };
    const { get } = await started([await serials()], { regions: [region({ dns })] });
    expect((await get('/probe?check=dns-serial')).body).toMatch(/^probe_dns_serial 2026112301$/m);
  });

  it('tell the mean round trip of the echoes, and by which protocol', async () => {
    const check = await seeing('vip', {
      maasha_vip_icmp_round_trip_seconds: [0.002, { stat: 'mean' }],
    });
    const { get } = await started([check], {
      regions: [region(), region({ name: 'six', vip: '2001:db8::39' })],
    });
    const { body } = await get('/probe?check=vip&region=maas3');
    expect(body).toMatch(/^probe_icmp_duration_seconds\{phase="rtt"\} 0.002$/m);
    expect(body).toMatch(/^probe_ip_protocol 4$/m);
    expect((await get('/probe?check=vip&region=six')).body).toMatch(/^probe_ip_protocol 6$/m);
  });

  it('tell when the first certificate expires', async () => {
    const check = await seeing('region-active', {
      maasha_region_certificate_remaining_seconds: [86_400],
    });
    const { get } = await started([check]);
    const before = systemClock.now() / 1000 + 86_400;
    const { body } = await get('/probe?check=region-active');
    const told = Number(/^probe_ssl_earliest_cert_expiry (\d+)$/m.exec(body)?.[1]);
    expect(told).toBeGreaterThanOrEqual(Math.floor(before));
    expect(told).toBeLessThanOrEqual(Math.ceil(systemClock.now() / 1000 + 86_400));
  });

  it('are not there where the value is not known', async () => {
    const { get } = await started([await seeing('vip', {})]);
    const { body } = await get('/probe?check=vip');
    expect(body).not.toMatch(/^probe_(icmp|ip_protocol)/m);
    expect(body).toMatch(/^probe_success 0$/m);
  });
});
