import { describe, expect, it, test } from 'vitest';
import { CheckFailure } from '../../../src/core/failure.ts';
import { instant, seconds } from '../../../src/core/time.ts';
import { horizonOf, type Copy } from '../../../src/analysis/dns/expiry.ts';
import type { Served } from '../../../src/analysis/dns/zone.ts';

const NOW = instant(1_795_430_000_000);
const WEEK = 604_800;
const at = (passed: number) => instant(NOW + passed * 1000);

const served = (serial: number, expiresIn?: number, expire = WEEK): Served => ({
  soa: {
    primary: 'maas3',
    mailbox: 'nobody.example.com',
    serial,
    refresh: seconds(600),
    retry: seconds(1800),
    expire: seconds(expire),
    minimum: seconds(300),
  },
  ...(expiresIn !== undefined && { expiresIn: seconds(expiresIn) }),
});

/** Seen in step at NOW. */
const copy: Copy = { until: at(WEEK), at: NOW, serial: 102, expire: WEEK };
const BROKEN = { state: 'broken', why: 'has an expired or broken copy of', gone: false } as const;

describe('horizonOf', () => {
  it('believes a slave that says when its copy expires, whatever else was seen', () => {
    const { copy: found, left, share } = horizonOf(copy, served(102, WEEK / 2), 102, at(10)) ?? {};
    expect(found?.until).toBe(at(10 + WEEK / 2));
    expect([left, share]).toEqual([WEEK / 2, 0.5]);
  });

  it('counts from the last look at which the slave was in step with a master that answers', () => {
    expect(horizonOf(undefined, served(102), 102, NOW)?.left).toBe(WEEK);
    expect(horizonOf(copy, served(102), undefined, at(86_400))?.left).toBe(WEEK - 86_400);
    expect(horizonOf(copy, served(102), 102, at(86_400))?.left).toBe(WEEK);
  });

  it('takes neither a master that went back nor one that went on for a renewal', () => {
    for (const master of [50, 103])
      expect(horizonOf(copy, served(102), master, at(86_400))?.left).toBe(WEEK - 86_400);
  });

  it('takes a new version at the slave for a renewal, not before the look before', () => {
    expect(horizonOf(copy, served(105), undefined, at(86_400))?.left).toBe(WEEK - 86_400);
    const later = { ...copy, at: at(80_000), until: at(40_000) };
    expect(horizonOf(later, served(105), 110, at(86_400))?.left).toBe(WEEK - 6_400);
  });

  it('knows nothing of a slave that was never seen in step and does not say', () => {
    expect(horizonOf(undefined, served(102), undefined, NOW)).toEqual({ copy: undefined });
    expect(horizonOf(undefined, served(102), 105, NOW)).toEqual({ copy: undefined });
  });

  it('has the whole share while the slave need not have asked, however short the zone lives', () => {
    expect(horizonOf(undefined, served(102, 3600 - 2400, 3600), 102, NOW)?.share).toBe(1);
    expect(horizonOf(undefined, served(102, 3600 - 2500, 3600), 102, NOW)?.share).toBeCloseTo(
      1100 / 3600,
    );
  });

  it('tells an expired copy from a broken one by the end that was known', () => {
    expect(horizonOf(copy, BROKEN, undefined, at(WEEK + 1))).toMatchObject({ left: -1, share: 0 });
    expect(horizonOf(copy, BROKEN, undefined, at(WEEK - 1))).toBeUndefined();
    expect(horizonOf(undefined, BROKEN, undefined, NOW)).toBeUndefined();
  });

  test.each([
    ['silence', new CheckFailure('timeout', 'no answer')],
    ['no zone there', { state: 'absent', why: 'does not have', gone: true } as const],
    ['not asked', undefined],
  ])('says nothing of %s', (_, said) => {
    expect(horizonOf(copy, said, 102, at(10))).toBeUndefined();
  });

  it('takes a moment to come for one of another clock', () => {
    const strange = { ...copy, at: at(1000) };
    expect(horizonOf(strange, served(102), undefined, NOW)).toEqual({ copy: undefined });
  });

  it('has no share of nothing', () => {
    expect(horizonOf(undefined, served(102, 0, 0), 102, NOW)).toMatchObject({ share: 1 });
  });
});
