import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprintOf, identityLabels, identityOf } from '../../alerts/identity.ts';
import { gauge, stateset } from '../../src/core/metric.ts';

const lag = gauge({ name: 'maasha_test_lag', help: 'Lag.', labels: ['standby', 'stage'] });
const role = stateset({ name: 'maasha_test_role', help: 'R.', labels: ['node'], states: ['x'] });

describe('the labels that identify', () => {
  it('are those of the metric', () => {
    expect(identityLabels({ metric: lag })).toEqual(['standby', 'stage']);
  });

  it('are without those that the rule itself fixes', () => {
    expect(identityLabels({ metric: lag, where: { stage: 'replay' } })).toEqual(['standby']);
  });

  it('are without the state of a stateset, which is a value', () => {
    expect(identityLabels({ metric: role })).toEqual(['node']);
  });

  it('are taken from a sample', () => {
    expect(
      identityOf({ metric: lag, where: { stage: 'replay' } }, { stage: 'replay', standby: 'rc2' }),
    ).toEqual({ standby: 'rc2' });
  });
});

describe('a fingerprint', () => {
  it('is a text that a person can read', () => {
    expect(fingerprintOf('maas3', 'MaasHaNodeDown', { node: 'rc2' })).toBe(
      'maas3/MaasHaNodeDown{"node":"rc2"}',
    );
  });

  it('is the same however an accent is written', () => {
    expect(fingerprintOf('r', 'MaasHaX', { node: 'e\u0301' })).toBe(
      fingerprintOf('r', 'MaasHaX', { node: '\u00e9' }),
    );
  });

  it('does not depend on the order of labels', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), (labels) => {
        const reversed = Object.fromEntries(Object.entries(labels).reverse());
        expect(fingerprintOf('r', 'MaasHaX', reversed)).toBe(fingerprintOf('r', 'MaasHaX', labels));
      }),
    );
  });

  it('tells any two sets of labels apart', () => {
    const labels = fc.dictionary(fc.string(), fc.string());
    fc.assert(
      fc.property(labels, labels, (one, other) => {
        const plain = (each: Readonly<Record<string, string>>) =>
          JSON.stringify(
            Object.entries(each)
              .map(([label, value]) => [label, value.normalize('NFC')])
              .sort(),
          );
        fc.pre(plain(one) !== plain(other));
        expect(fingerprintOf('r', 'MaasHaX', one)).not.toBe(fingerprintOf('r', 'MaasHaX', other));
      }),
    );
  });
});
