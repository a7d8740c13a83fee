import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Mirrored } from '../../../alerts/mirror.ts';
import type { DeliveryFailure } from '../../../alerts/notifier.ts';
import { instant } from '../../../src/core/time.ts';
import { systemClock } from '../../../src/io/clock.ts';
import { episode, openMirror, startAlertmanager } from '../../support/alertmanager-server.ts';
import { failureOf, never } from '../../support/webhook-server.ts';

const PROGRAM = 'prometheus-alertmanager';
const missing = spawnSync(PROGRAM, ['--version']).error !== undefined;

/** Ends the server when its input ends, that is: when this process is gone, however it went. */
const KEEPER =
  '"$@" < /dev/null & pid=$!; exec 2> /dev/null; cat > /dev/null; kill $pid; wait $pid';

/** What Alertmanager shows of one alert. */
interface Shown {
  readonly labels: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly annotations: Readonly<Record<string, string>>;
}

describe.skipIf(missing)(
  `a real Alertmanager${missing ? ` (skipped: no ${PROGRAM} here)` : ''}`,
  () => {
    let child: ChildProcess;
    let folder: string;
    let url: string;
    let region = '';
    let counter = 0;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'maasha-am-'));
      const config = join(folder, 'alertmanager.yml');
      await writeFile(config, 'route: { receiver: none }\nreceivers: [{ name: none }]\n');
      child = spawn(
        '/bin/sh',
        [
          '-c',
          KEEPER,
          'keeper',
          PROGRAM,
          `--config.file=${config}`,
          `--storage.path=${join(folder, 'data')}`,
          '--web.listen-address=127.0.0.1:0',
          '--cluster.listen-address=',
        ],
        { stdio: ['pipe', 'ignore', 'pipe'] },
      );
      url = `http://${await addressOf(child)}`;
    });

    afterAll(async () => {
      const ended = once(child, 'exit');
      child.stdin?.end();
      await ended;
      await rm(folder, { recursive: true });
    });

    // Alerts of different regions never meet: each test has its own.
    beforeEach(() => {
      region = `region${(counter += 1)}`;
    });

    const push = (...alerts: readonly Mirrored[]): Promise<void> =>
      openMirror([url], { clock: systemClock }).push(
        alerts.map((alert) => ({ ...alert, region })),
        never,
      );

    const firing = async (): Promise<readonly Shown[]> => {
      const answer = await fetch(`${url}/api/v2/alerts?filter=region="${region}"`);
      return (await answer.json()) as readonly Shown[];
    };

    const rules = async (): Promise<readonly (string | undefined)[]> =>
      (await firing()).map(({ labels }) => labels['alertname']).sort();

    const MINUTE = 60_000;
    const began = (): number => Date.now() - 10 * MINUTE;

    it('shows what is firing, with labels and annotations', async () => {
      const startsAt = began();
      await push(episode(startsAt));
      expect(await firing()).toMatchObject([
        {
          labels: { alertname: 'MaasHaNodeDown', severity: 'critical', region, node: 'rc2' },
          annotations: { summary: 'rc2 does not answer' },
          startsAt: new Date(startsAt).toISOString(),
        },
      ]);
    });

    it('keeps one alert when it is sent again, with a later end', async () => {
      const startsAt = began();
      await push(episode(startsAt));
      const [first] = await firing();
      await push(episode(startsAt));
      const again = await firing();
      expect(again).toHaveLength(1);
      expect(again[0]?.startsAt).toBe(first?.startsAt);
      expect(Date.parse(again[0]!.endsAt)).toBeGreaterThan(Date.parse(first!.endsAt) - 1);
    });

    it('shows no longer what is over, however often that is said', async () => {
      const startsAt = began();
      await push(episode(startsAt));
      const over = episode(startsAt, { endsAt: instant(Date.now() - MINUTE) });
      await push(over);
      await push(over);
      expect(await firing()).toEqual([]);
    });

    it('shows it again when the same episode is back', async () => {
      const startsAt = began();
      await push(episode(startsAt));
      await push(episode(startsAt, { endsAt: instant(Date.now() - MINUTE) }));
      await push(episode(startsAt));
      expect(await firing()).toHaveLength(1);
    });

    it('shows only the new severity after a step', async () => {
      const startsAt = began();
      await push(episode(startsAt, { severity: 'warning' }));
      await push(
        episode(startsAt, { severity: 'warning', endsAt: instant(Date.now()) }),
        episode(startsAt, { severity: 'critical' }),
      );
      expect((await firing()).map(({ labels }) => labels['severity'])).toEqual(['critical']);
    });

    it('takes the good ones beside one that it cannot read', async () => {
      const bad = episode(began(), { rule: 'Bad', labels: { node: 7 as unknown as string } });
      const good = ['A', 'B', 'C'].map((rule) => episode(began(), { rule }));
      const failure: DeliveryFailure = await failureOf(
        push(...good.slice(0, 1), bad, ...good.slice(1)),
      );
      expect(failure.trouble).toBe('refused');
      expect(failure.message).toMatch(
        /^1 of 4 alerts refused, the other 3 taken: .*Bad: .*cannot unmarshal/,
      );
      expect(await rules()).toEqual(['A', 'B', 'C']);
    });

    it('takes what a clock that jumped makes of an episode', async () => {
      await push(
        episode(Date.now() + 60 * MINUTE, { rule: 'Ahead' }),
        episode(Date.now() + 60 * MINUTE, {
          rule: 'Over',
          endsAt: instant(Date.now() + 61 * MINUTE),
        }),
        episode(Number.NaN, { rule: 'NoMoment' }),
      );
      expect(await rules()).toEqual(['Ahead', 'NoMoment']);
    });

    it('takes names that Prometheus does not allow', async () => {
      const labels = { 'boot-zone': 'a', '9th': 'ä\u{1f525}\ud800' };
      await push(episode(began(), { labels, annotations: { 'a b': 'x' } }));
      expect(await firing()).toMatchObject([
        { labels: { boot_zone: 'a', _9th: 'ä\u{1f525}\ufffd' }, annotations: { a_b: 'x' } },
      ]);
    });

    it('takes nothing as an answer to whether it takes anything', async () => {
      await push();
      expect(await firing()).toEqual([]);
    });

    it.each([
      '[]',
      '{',
      '{}',
      '[{"labels":{"alertname":"A"}}]',
      '[{"labels":{"alertname":"B"}},{"labels":{"a-b":"x"}}]',
      '[{"labels":{}}]',
      '[{"labels":{"x":""}}]',
      '[{"annotations":{}}]',
      '[{"labels":{"alertname":5}}]',
      '[{"labels":{"alertname":"D"},"startsAt":"soon"}]',
      '[{"labels":{"alertname":"D"},"annotations":{"a-b":"x"}}]',
      '[{"labels":{"alertname":"C"},"startsAt":"2026-11-23T10:00:00Z","endsAt":"2026-11-23T09:00:00Z"}]',
      '[{"labels":{"alertname":"E"},"endsAt":"2026-11-23T09:00:00Z"}]',
    ])('answers %s as the mock does', async (body) => {
      const mock = await startAlertmanager();
      const post = async (base: string): Promise<number> => {
        const headers = { 'content-type': 'application/json' };
        const answer = await fetch(`${base}/api/v2/alerts`, { method: 'POST', headers, body });
        await answer.text();
        return answer.status;
      };
      expect(await post(mock.url)).toBe(await post(url));
      await mock.stop();
    });

    it('tells its version', async () => {
      expect(await openMirror([url]).test(never)).toMatch(
        /^1 of 1 peers answered: .* is Alertmanager \d+\.\d+/,
      );
    });
  },
);

/** Where it listens, from its log; a real port is only known then. */
async function addressOf(child: ChildProcess): Promise<string> {
  const lines = createInterface({ input: child.stderr! });
  const said: string[] = [];
  const address = (async () => {
    for await (const line of lines) {
      said.push(line);
      const found = /msg="Listening on" address=(127\.0\.0\.1:[1-9]\d*)/.exec(line)?.[1];
      if (found !== undefined) return found;
    }
    throw new Error(`Alertmanager ended while it started: ${said.join('\n')}`);
  })();
  const found = await address;
  child.stderr!.resume();
  return found;
}
