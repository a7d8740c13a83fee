import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alertEvent, MOST_OCTETS } from '../../../alerts/notifiers/http/cloud-event.ts';
import { instant } from '../../../src/core/time.ts';
import { opening } from '../../support/webhook-server.ts';

const octets = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

describe('alertEvent', () => {
  it('says all that the notice says, with times as RFC 3339', () => {
    const notice = opening({
      episode: { id: 'E', startsAt: instant(0), endsAt: instant(1500.7) },
      owner: { by: 'ana', via: 'slack' },
      collapsed: true,
      relapses: 2,
    });
    expect(alertEvent('id', notice, 'watcher').data).toEqual({
      ...notice,
      at: '2026-11-23T10:02:07.000Z',
      episode: {
        id: 'E',
        startsAt: '1970-01-01T00:00:00.000Z',
        endsAt: '1970-01-01T00:00:01.500Z',
      },
    });
  });

  it('leaves out the whole text of the runbook first, and says so', () => {
    const runbook = { url: 'http://a/b', steps: ['first'], text: 'x'.repeat(MOST_OCTETS) };
    const { data } = alertEvent('id', opening({ runbook }), 'watcher');
    expect(data).toEqual({
      ...alertEvent('id', opening({ runbook: { url: 'http://a/b', steps: ['first'] } }), 'watcher')
        .data,
      cut: ['the text of the runbook'],
    });
  });

  it('keeps the text of a runbook that just fits', () => {
    const size = MOST_OCTETS - octets(alertEvent('id', withText(0), 'watcher'));
    expect(alertEvent('id', withText(size), 'watcher').data.cut).toBeUndefined();
    expect(alertEvent('id', withText(size + 1), 'watcher').data.cut).toHaveLength(1);
  });

  it('cuts long evidence after the runbook, and keeps what identifies', () => {
    const evidence = Array.from({ length: 200 }, () => 'ä'.repeat(3000));
    const event = alertEvent('id', opening({ evidence }), 'watcher');
    expect(octets(event)).toBeLessThanOrEqual(MOST_OCTETS);
    expect(event.data.cut?.[0]).toBe('the text of the runbook');
    expect(event.data.evidence.length).toBeGreaterThan(2);
    expect(event.data).toMatchObject({ rule: 'MaasHaNodeDown', labels: { node: 'rc2' } });
  });

  it('is never larger than intermediaries must carry, whatever the texts are', () => {
    const long = fc
      .tuple(fc.constantFrom('a', '\u0000', '\u{1f525}', '"', '\ud800'), fc.nat(20_000))
      .map(([letter, times]) => letter.repeat(times));
    const lists = fc.array(long, { maxLength: 20 });
    const labels = fc.dictionary(fc.constantFrom('node', 'zone', 'cluster'), long);
    const explains = fc.array(fc.record({ rule: fc.constant('MaasHaX'), labels, summary: long }), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(
        fc.record({
          summary: long,
          evidence: lists,
          holders: lists,
          labels,
          explains,
          remark: long,
        }),
        (changes) => {
          expect(octets(alertEvent('id', opening(changes), 'watcher'))).toBeLessThanOrEqual(
            MOST_OCTETS,
          );
        },
      ),
      { numRuns: 25 },
    );
  });

  it('has a time though the notice has none', () => {
    expect(alertEvent('id', opening({ at: instant(Number.NaN) }), 'watcher').time).toBe(
      '1970-01-01T00:00:00.000Z',
    );
  });
});

const withText = (size: number) => opening({ runbook: { steps: [], text: 'x'.repeat(size) } });
