import { describe, expect, it, test } from 'vitest';
import { truth } from '../../src/analysis/pgpool/truth-rules.ts';
import { TRUTHS, type Truth } from '../../src/analysis/pgpool/truth.ts';
import type { CheckResult } from '../../src/core/check.ts';
import { gauge, observe, observeState } from '../../src/core/metric.ts';
import { renderRunbook } from '../../src/core/runbook-render.ts';
import { readRunbook } from '../../src/runtime/runbooks.ts';
import { region } from '../support/region.ts';
import { result } from '../support/results.ts';

const leads = gauge({
  name: 'maasha_pgpool_watchdog_node_state',
  help: '.',
  labels: ['node', 'peer', 'state'],
});

const found = (verdicts: Readonly<Record<string, Truth>>): readonly CheckResult[] => [
  result('pgpool-watchdog', [observe(leads, 1, { node: 'rc1', peer: 'rc1', state: 'leader' })]),
  result(
    'pgpool-truth',
    Object.entries(verdicts).flatMap(([backend, is]) => observeState(truth, is, { backend })),
  ),
];

const render = (verdicts: Readonly<Record<string, Truth>>, given = {}): string =>
  renderRunbook(readRunbook('MaasHaPgpoolBackendDetached'), {
    region: region(),
    results: found(verdicts),
    labels: { backend: 'rc2' },
    given,
  });

describe('the runbook of a detached database', () => {
  it('gives the command that attaches it where it is proven to follow the primary', () => {
    expect(render({ rc1: 'agrees', rc2: 'attachable' })).toContain('- run: `pcp_attach_node');
  });

  test.each(TRUTHS.filter((each) => each !== 'attachable'))(
    'withholds that command from a database that is %s',
    (is) => {
      const text = render({ rc1: 'attachable', rc2: is });
      expect(text).not.toContain('- run: `pcp_attach_node');
      expect(text).toContain('- withheld: `pcp_attach_node');
      expect(text).toContain('attachable is not known');
    },
  );

  it('withholds it while nothing is known, and gives it to whoever has seen it herself', () => {
    expect(render({})).not.toContain('- run: `pcp_attach_node');
    expect(render({}, { attachable: 'rc2' })).toContain('- run: `pcp_attach_node');
  });
});
