import { describe, expect, it } from 'vitest';
import { gravityOf } from '../../alerts/explained.ts';
import type { Severity } from '../../src/core/rule.ts';

const as = (severity: Severity) => ({ severity });

describe('how grave an incident is', () => {
  it.each<[Severity, readonly Severity[], Severity]>([
    ['warning', [], 'warning'],
    ['warning', ['info'], 'warning'],
    ['warning', ['critical', 'info'], 'critical'],
    ['critical', ['warning'], 'critical'],
  ])('a cause that is %s and explains %j is told as %s', (own, explained, told) => {
    expect(gravityOf(as(own), explained.map(as))).toBe(told);
  });

  it('does not grow where the cause is mere information: it grants a time of grace, and pages nobody', () => {
    expect(gravityOf(as('info'), [as('critical'), as('warning')])).toBe('info');
  });
});
