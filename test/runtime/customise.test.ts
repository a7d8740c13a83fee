import { expect, it } from 'vitest';
import { schemaWith } from '../../src/config/schema.ts';
import { customise } from '../../src/runtime/customise.ts';
import { testCheck } from '../support/checks.ts';

const minimal = {
  regions: [
    {
      name: 'r',
      vip: '127.0.0.1',
      maas_url: 'http://127.0.0.1/MAAS',
      nodes: [{ name: 'n', address: '127.0.0.2' }],
    },
  ],
};
const changes = (checks: unknown) => schemaWith([]).parse({ ...minimal, checks }).checks;

it('changes schedule, deadline and a rule’s threshold, patience and severity', () => {
  const [check] = customise(
    [testCheck()],
    changes({
      test: {
        every: '1m',
        timeout: '2s',
        rules: { MaasHaTestTooHigh: { above: 99, for: '5m', severity: 'warning' } },
      },
    }),
  );
  expect(check).toMatchObject({
    every: '1m',
    timeout: 2,
    rules: [{ when: { above: 99 }, for: 300, severity: 'warning' }],
  });
});

it('switches a rule off', () => {
  const [check] = customise(
    [testCheck()],
    changes({ test: { rules: { MaasHaTestTooHigh: false } } }),
  );
  expect(check?.rules).toEqual([]);
});

it('switches a check off, and with it what is derived from it', () => {
  const checks = [
    testCheck(),
    testCheck({ name: 'derived', needs: ['test'] }),
    testCheck({ name: 'other' }),
  ];
  expect(customise(checks, changes({ test: { enabled: false } })).map(({ name }) => name)).toEqual([
    'other',
  ]);
});
