import { describe, expect, it } from 'vitest';
import { instant } from '../../src/core/time.ts';
import { liveEpisodes, traceOf } from '../../src/store/live.ts';
import { delivery } from './samples.ts';

const RECENT = instant(5000);

describe('the episodes that still matter', () => {
  it.each([
    { why: 'one waits', stages: [['open', 'queued']], live: true },
    { why: 'an attempt is under way', stages: [['open', 'leased']], live: true },
    { why: 'one is in doubt', stages: [['open', 'doubtful']], live: true },
    { why: 'its begin was accepted long ago', stages: [['open', 'sent']], live: true },
    {
      why: 'its begin was accepted, and then only news',
      stages: [
        ['open', 'sent'],
        ['update', 'sent'],
      ],
      live: true,
    },
    {
      why: 'begin and end were accepted',
      stages: [
        ['open', 'sent'],
        ['close', 'sent'],
      ],
      live: false,
    },
    {
      why: 'its end was given up',
      stages: [
        ['open', 'sent'],
        ['close', 'dead'],
      ],
      live: false,
    },
    {
      why: 'its end was superseded by nothing that ends it',
      stages: [
        ['open', 'sent'],
        ['close', 'superseded'],
      ],
      live: true,
    },
    { why: 'its begin was given up', stages: [['open', 'dead']], live: false },
    {
      why: 'it came back after its end',
      stages: [
        ['open', 'sent'],
        ['close', 'sent'],
        ['reopen', 'sent'],
      ],
      live: true,
    },
    {
      why: 'it was retired',
      stages: [
        ['open', 'sent'],
        ['retire', 'sent'],
      ],
      live: false,
    },
    { why: 'only its end was ever sent', stages: [['close', 'sent']], live: false },
  ] as const)('$why: $live', ({ stages, live }) => {
    const traces = stages.map(([kind, stage], index) =>
      traceOf(delivery({ kind, stage, seq: index + 1 })),
    );
    expect(liveEpisodes(traces, RECENT).has('E1')).toBe(live);
  });

  it('looks at the order of the episode, not at that of the rows', () => {
    const traces = [
      traceOf(delivery({ kind: 'close', stage: 'sent', seq: 2 })),
      traceOf(delivery({ kind: 'open', stage: 'sent', seq: 1 })),
    ];
    expect(liveEpisodes(traces, RECENT).size).toBe(0);
  });

  it('asks each channel: an end that one of them never got keeps the episode', () => {
    const traces = [
      traceOf(delivery({ kind: 'open', stage: 'sent', seq: 1 })),
      traceOf(delivery({ kind: 'close', stage: 'sent', seq: 2 })),
      traceOf(delivery({ kind: 'escalate', stage: 'sent', channel: 'email' })),
    ];
    expect([...liveEpisodes(traces, RECENT)]).toEqual(['E1']);
  });

  it('keeps what came to rest lately', () => {
    const traces = [traceOf(delivery({ stage: 'dead', settled: RECENT }))];
    expect(liveEpisodes(traces, RECENT).has('E1')).toBe(true);
  });
});
