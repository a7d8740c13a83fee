import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { Notice } from '../../../alerts/notice.ts';
import type { Channel } from '../../../alerts/notifier.ts';
import notifier from '../../../alerts/notifiers/console.ts';
import { instant } from '../../../src/core/time.ts';
import { FakeClock } from '../../support/clock.ts';
import { DELIVERY, never, opening, THREAD } from '../../support/webhook-server.ts';

const open = (lines: string[]): Channel => {
  const opened = notifier.open(
    {},
    {
      channel: 'console',
      clock: new FakeClock(),
      monitor: 'watcher',
      secret: () => undefined,
      print: (line) => lines.push(line),
    },
  );
  if (opened.is !== 'channel') throw new Error('expected a channel');
  return opened;
};

async function printed(changes: Partial<Notice> = {}): Promise<readonly string[]> {
  const lines: string[] = [];
  await open(lines).send({ id: DELIVERY, notice: opening(changes) }, THREAD, never);
  return lines;
}

describe('the console', () => {
  it('prints an opening with its evidence, the first step of its runbook and where the rest is', async () => {
    expect(await printed()).toEqual([
      'CRITICAL firing: Node down (node rc2) – region maas3 – started 10:01 UTC – rc2 does not answer',
      '    evidence: rc2: no answer to 5 pings',
      '    first: On the console of rc2: is it powered?',
      '    runbook: http://127.0.0.1:9877/runbooks/MaasHaNodeDown',
    ]);
  });

  it('prints the commands of a step below it, ready to be copied', async () => {
    const steps = ['1. Ask every pgpool – on rc1, risk none\npcp_watchdog_info -v', '2. Wait'];
    expect((await printed({ runbook: { steps } })).slice(2, 4)).toEqual([
      '    first: Ask every pgpool – on rc1, risk none',
      '        pcp_watchdog_info -v',
    ]);
  });

  it('prints one line of what ends', async () => {
    const episode = { id: 'E', startsAt: instant(0), endsAt: instant(90_000) };
    const lines = await printed({ kind: 'close', standing: 'resolved', reason: '', episode });
    expect(lines).toEqual([expect.stringMatching(/^CRITICAL resolved: .* lasted 1m 30s$/)]);
  });

  it('says what an alert explains, and what has to be said besides', async () => {
    const explains = [{ rule: 'MaasHaDnsSlaveDown', labels: { node: 'rc2' }, summary: 'x' }];
    expect((await printed({ explains, remark: 'This notice is late.' })).slice(1, 3)).toEqual([
      '    This notice is late.',
      '    explains 1: DNS slave down (node rc2)',
    ]);
  });

  it('names the command where there is no address of a runbook', async () => {
    expect((await printed({ runbook: { steps: [] }, evidence: [] })).slice(1)).toEqual([
      '    evidence: none',
      '    runbook: maasha runbook MaasHaNodeDown',
    ]);
  });

  it('lets nothing from the network steer the terminal or begin a line of its own', async () => {
    const hostile = 'x\u001b[2J\n2026 RESOLVED\u202e';
    const lines = await printed({
      summary: hostile,
      evidence: [hostile],
      labels: { node: hostile },
    });
    expect(lines).toHaveLength(4);
    expect(lines.join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it('never lets one notice flood the terminal', async () => {
    const [line = ''] = await printed({ summary: 'x'.repeat(100_000) });
    expect(line.length).toBeLessThanOrEqual(604);
  });

  it('needs nothing that has to be reached, and takes no settings', async () => {
    const settings = notifier.settings as z.ZodType;
    expect(notifier.reaches({})).toEqual([]);
    expect(settings.parse({})).toEqual({});
    expect(settings.safeParse({ colour: true }).success).toBe(false);
  });

  it('gives a receipt, and proves itself', async () => {
    const channel = open([]);
    const parcel = { id: DELIVERY, notice: opening() };
    expect(await channel.send(parcel, THREAD, never)).toEqual({ printed: true });
    expect(await channel.test(never)).toMatch(/terminal/);
    await channel.close();
  });
});
