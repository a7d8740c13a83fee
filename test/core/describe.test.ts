import { describe, expect, it } from 'vitest';
import { describeResult } from '../../src/core/describe.ts';
import type { Finding } from '../../src/core/rule.ts';
import { result } from '../support/results.ts';

const finding = (rule: string, node: string): Finding => ({
  rule,
  severity: 'critical',
  labels: { node },
  value: 1,
  summary: `${node} is gone`,
});

describe('everything that a result has to say', () => {
  it('names the runbook of each rule once, as the command that prints it for this region', () => {
    const findings = [
      finding('MaasHaB', 'rc1'),
      finding('MaasHaB', 'rc2'),
      finding('MaasHaA', 'rc1'),
    ];
    const lines = describeResult(result('check', [], { state: 'critical', findings }));
    expect(lines.slice(1)).toEqual([
      'critical: rc1 is gone (MaasHaB)',
      'critical: rc2 is gone (MaasHaB)',
      'critical: rc1 is gone (MaasHaA)',
      'runbook: maasha runbook MaasHaB --region maas3',
      'runbook: maasha runbook MaasHaA --region maas3',
    ]);
  });

  it('names no region where the monitor itself is meant', () => {
    const findings = [finding('MaasHaMonitorA', 'x')];
    const lines = describeResult(result('monitor', [], { region: 'monitor', findings }));
    expect(lines).toContain('runbook: maasha runbook MaasHaMonitorA');
  });

  it('has no runbook where nothing was found', () => {
    expect(describeResult(result('check')).join('\n')).not.toContain('runbook');
  });
});
