import { describe, expect, it, test } from 'vitest';
import { remember, skip } from '../../src/core/check.ts';
import { observe } from '../../src/core/metric.ts';
import { MONITOR } from '../../src/core/ports/monitor.ts';
import { testCheck, value } from '../support/checks.ts';
import { deferred } from '../support/deferred.ts';
import { config, started } from '../support/probe-server.ts';
import { region } from '../support/region.ts';

describe('an instance that only probes', () => {
  it('looks at nothing until it is asked, and then at what it is asked for', async () => {
    const runs: string[] = [];
    const check = testCheck({
      every: '1s',
      run: async ({ name }) => {
        runs.push(name);
        return [observe(value, 1, { node: 'rc1' })];
      },
    });
    const { get } = await started([check], { regions: [region(), region({ name: 'maas9' })] });
    expect((await get('/healthz')).body).toContain('ok');
    expect(runs).toEqual([]);
    const { status, body, type } = await get('/probe?region=maas9&check=test');
    expect(status).toBe(200);
    expect(type).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(runs).toEqual(['maas9']);
    expect(body).toContain('maasha_test_value{region="maas9",node="rc1"} 1');
    expect(body).toContain('\nprobe_success 1\n');
    expect(body).toContain('maasha_check_gaps{region="maas9",check="test"} 0');
  });

  it('takes the names that blackbox users know: target and module', async () => {
    const { get } = await started();
    expect((await get('/probe?target=maas3&module=test')).body).toContain('probe_success 1');
    const unknown = await get('/probe?target=maas3&module=http_2xx');
    expect([unknown.status, unknown.body]).toEqual([
      400,
      'check=http_2xx is not known; there is test\n',
    ]);
    expect((await get('/probe?target=x&module=test')).body).toContain('there is maas3');
  });

  it('says in debug output that a result is a kept one, and from when it is', async () => {
    const { get } = await started([testCheck({ every: '1h' })]);
    const first = await get('/probe?region=maas3&check=test&debug=true');
    const second = await get('/probe?region=maas3&check=test&debug=true');
    const newly = await get('/probe?region=maas3&check=test&debug=true&fresh=true');
    expect(first.body).not.toContain('# kept');
    expect(second.body).toMatch(/^# kept: seen .* ago; fresh=true looks now$/m);
    const lastRun = /^maasha_check_last_run_timestamp_seconds.*$/m;
    expect(lastRun.exec(second.body)?.[0]).toBe(lastRun.exec(first.body)?.[0]);
    expect(newly.body).not.toContain('# kept');
    expect(lastRun.exec(newly.body)?.[0]).not.toBe(lastRun.exec(first.body)?.[0]);
  });

  it('shows on /metrics what it did, and nothing of a region’s health', async () => {
    const { get } = await started([testCheck({ every: '1h' })]);
    await get('/probe?check=test');
    await get('/probe?check=test');
    const { body } = await get('/metrics');
    expect(body).toContain('maasha_probes_total{check="test",way="ran"} 1');
    expect(body).toContain('maasha_probes_total{check="test",way="kept"} 1');
    expect(body).toContain('maasha_check_runs_total{region="maas3",check="test",state="ok"} 1');
    expect(body).toContain('process_cpu_seconds_total');
    expect(body).not.toContain('maasha_test_value');
    expect(body).not.toContain('maasha_check_state');
  });

  it('has no check of the monitor: there is none', async () => {
    const own = testCheck({ name: 'own', scope: 'monitor', metrics: [], rules: [] });
    const { get } = await started([testCheck(), own]);
    expect((await get('/sd')).body).not.toContain(MONITOR.name);
    expect((await get('/probe?check=own')).status).toBe(400);
  });

  it('is asked by the targets that it hands out', async () => {
    const { get, address } = await started();
    const { body, type } = await get('/sd');
    const [target] = JSON.parse(body) as { targets: string[]; labels: Record<string, string> }[];
    expect(type).toBe('application/json');
    expect(target?.targets).toEqual([new URL(address).host]);
    const {
      __metrics_path__: path,
      __param_region: at,
      __param_check: check,
    } = target?.labels ?? {};
    expect((await get(`${path}?region=${at}&check=${check}`)).body).toContain('probe_success 1');
  });

  test.each([
    ['/readyz', 200, 'ready; regions: 1'],
    ['/', 200, '<td>maas3</td><td>1</td><td>not asked yet</td>'],
    ['/runbooks/MaasHaTwoPrimaries', 200, '# MaasHaTwoPrimaries'],
    ['/runbooks/MaasHaNothing', 404, 'has no runbook'],
    ['/api/alerts', 404, 'are those of Alertmanager'],
    ['/status.json', 404, '/probe?region='],
    ['/sd?address=balancer:80', 200, '["balancer:80"]'],
    ['/sd?address=a%0d%0ab', 400, 'no host:port'],
    ['/sd?region=x', 400, 'there is maas3'],
  ])('answers %s with %d', async (path, status, words) => {
    const { get } = await started();
    const answer = await get(path);
    expect(answer.status).toBe(status);
    expect(answer.body).toContain(words);
  });

  it('answers the operator’s verbs that it has none', async () => {
    const { get } = await started();
    const { status, body } = await get('/api/silence', { method: 'POST', body: '{}' });
    expect(status).toBe(404);
    expect(JSON.parse(body)).toEqual({ error: expect.stringContaining('--probe-only') as string });
  });

  it('tells a check that looked at nothing neither as a success nor as a failure', async () => {
    const nothing = testCheck({ run: async () => [skip('x', 'config', 'nothing of that kind')] });
    const { get } = await started([nothing]);
    const { body } = await get('/probe?check=test');
    expect(body).toContain('# skipped: x: nothing of that kind [config]');
    expect(body).not.toMatch(/^probe_success/m);
  });

  it('ends with its process though a run hangs', async () => {
    const begun = deferred();
    const hanging = testCheck({
      run: () => {
        begun.resolve();
        return new Promise(() => undefined);
      },
    });
    const { get, server: running, world } = await started([hanging]);
    const answer = get('/probe?check=test').catch(() => undefined);
    await begun.promise;
    await running.stop();
    await answer;
    expect([world.inside, world.closed]).toEqual([0, true]);
  });
});

describe('another configuration', () => {
  it('is in force at once, and what is remembered of the rest stays', async () => {
    const memories: unknown[] = [];
    const check = testCheck({
      every: '1s',
      run: async ({ name }, { memory }) => {
        memories.push(memory);
        return [observe(value, 1, { node: 'rc1' }), remember(name)];
      },
    });
    const two = [region(), region({ name: 'maas9' })];
    const { get, server: running } = await started([check], { regions: two });
    await get('/probe?check=test&region=maas3');
    await get('/probe?check=test&region=maas9');
    running.reload(config({ regions: [region()] }));
    expect((await get('/probe?check=test&region=maas9')).status).toBe(400);
    await get('/probe?check=test&region=maas3&fresh=true');
    expect(memories).toEqual([undefined, undefined, 'maas3']);
    expect(running.latest.all().map((each) => each.region)).toEqual(['maas3']);
  });

  it('does not take back what a run of the old one sees of a region that is gone', async () => {
    const [begun, end] = [deferred(), deferred()];
    const check = testCheck({
      run: async () => {
        begun.resolve();
        await end.promise;
        return [observe(value, 1, { node: 'rc1' })];
      },
    });
    const { get, server: running } = await started([check]);
    const answer = get('/probe?check=test&region=maas3');
    await begun.promise;
    running.reload(config({ regions: [region({ name: 'maas9' })] }));
    end.resolve();
    expect((await answer).status).toBe(200);
    expect(running.latest.all()).toEqual([]);
  });

  it('changes the schedules that /sd tells, and the checks that there are', async () => {
    const { get, server: running } = await started([testCheck(), testCheck({ name: 'other' })]);
    running.reload(
      config({
        checks: {
          test: { enabled: true, every: '20s', rules: {} },
          other: { enabled: false, rules: {} },
        },
      }),
    );
    const { body } = await get('/sd');
    expect(body).toContain('"__scrape_interval__":"20s"');
    expect(body).not.toContain('other');
  });
});
