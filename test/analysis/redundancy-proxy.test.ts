import { expect, it } from 'vitest';
import * as metrics from '../../src/analysis/proxy/metrics.ts';
import { judgePart, PARTS } from '../../src/analysis/redundancy/parts.ts';
import { observe } from '../../src/core/metric.ts';
import { region } from '../support/region.ts';
import { result } from '../support/results.ts';

const judge = (
  works: Readonly<Record<string, number>>,
  where = region({ proxy: { ports: [8000] } }),
) =>
  PARTS.filter(({ name }) => name === 'proxy').map((part) =>
    judgePart(part, where, [
      result(
        'proxy',
        Object.entries(works).map(([node, value]) => observe(metrics.nodeWorks, value, { node })),
      ),
    ]),
  )[0];

it('has a spare proxy when it works on both nodes', () => {
  expect(judge({ rc1: 1, rc2: 1 })).toMatchObject({ is: 'spare', says: [], lacking: [] });
});

it('has none when it works on one, and says what a failover would do', () => {
  expect(judge({ rc1: 1, rc2: 0 })).toMatchObject({
    is: 'lost',
    says: ['rc2 has no working proxy: after a failover to it deployments would fail'],
    lacking: ['rc2'],
  });
});

it('has no such part where no proxy is configured', () => {
  expect(judge({}, region())).toMatchObject({ is: 'none' });
});
