import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import type { AlertView } from '../../src/runtime/api-views.ts';
import type { ExplainView } from '../../src/runtime/explain.ts';
import { alertsIn, AUTHOR, face, only, serve, TOKEN } from '../support/api-face.ts';
import { channelConfig, seen } from '../support/open-alerting.ts';

describe('admission', () => {
  const paths = ['/api/alerts', '/api/ack', '/api/none', '/api/silence'];

  it.each(paths)('%s answers nobody while there is no token', async (path) => {
    const answer = await fetch(`${await serve()}${path}`, { headers: AUTHOR });
    expect(answer.status).toBe(403);
    expect(await answer.json()).toEqual({
      error: expect.stringContaining('alerting.api_token_file') as string,
    });
  });

  it.each([
    ['no header', {}],
    ['another scheme', { authorization: `Basic ${TOKEN}` }],
    ['a wrong token', { authorization: `Bearer ${TOKEN}x` }],
    ['a beginning of it', { authorization: `Bearer ${TOKEN.slice(0, -1)}` }],
    ['a cookie', { cookie: `token=${TOKEN}` }],
  ])('refuses %s, and never says the token', async (_, headers) => {
    const answer = await fetch(`${await serve(new Secret(TOKEN))}/api/ack`, {
      method: 'POST',
      body: 'not even JSON',
      headers,
    });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer realm="maasha"/);
    expect(await answer.text()).not.toContain(TOKEN);
  });

  it('says that it is too early, while nothing is open', async () => {
    const url = await serve(new Secret(TOKEN), () => undefined);
    expect((await fetch(`${url}/api/alerts`, { headers: AUTHOR })).status).toBe(503);
  });

  it.each([
    ['/api/ack', 'GET', 405, 'only POST'],
    ['/api/alerts', 'POST', 405, 'only GET, HEAD'],
    ['/api/none', 'GET', 404, '/api/alerts'],
    ['/api/alerts', 'DELETE', 405, 'only GET'],
  ])('%s by %s is %d', async (path, method, status, words) => {
    const { url } = await face();
    const answer = await fetch(`${url}${path}`, { method, headers: AUTHOR });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual({ error: expect.stringContaining(words) as string });
  });

  it.each([
    ['no JSON', '{', 400],
    ['too much', `"${'x'.repeat(70_000)}"`, 413],
  ])('refuses %s, in JSON', async (_, body, status) => {
    const { url } = await face();
    const answer = await fetch(`${url}/api/ack`, {
      method: 'POST',
      body,
      headers: { ...AUTHOR, 'content-type': 'application/json' },
    });
    expect(answer.status).toBe(status);
    expect(Object.keys((await answer.json()) as object)).toEqual(['error']);
  });
});

describe('GET /api/alerts', () => {
  it('shows nothing where nothing is wrong', async () => {
    const { get } = await face();
    expect(await get('/api/alerts')).toMatchObject({ status: 200, body: { alerts: [] } });
  });

  it('shows what goes on, and how far each channel was told', async () => {
    const { get, alerting: own, clock, sent } = await face();
    own.take(seen({ rc2: 20 }));
    expect(only(await get('/api/alerts'))).toMatchObject({
      name: 'MaasHaTestTooHigh',
      region: 'maas3',
      severity: 'critical',
      labels: { node: 'rc2' },
      shown: 'firing',
      told: 'open',
      channels: [{ channel: 'ops', says: expect.stringMatching(/^open waits until/) as string }],
    });
    clock.advance(6);
    await expect.poll(() => sent.length).toBe(1);
    await expect
      .poll(async () => only(await get('/api/alerts')).channels)
      .toEqual([
        { channel: 'ops', says: expect.stringMatching(/^open sent at \d\d:\d\d UTC$/) as string },
      ]);
  });

  it('shows what is not bad for long enough only when it is asked for', async () => {
    const { get, alerting: own } = await face();
    own.take(seen({ rc2: -20 }));
    expect(alertsIn(await get('/api/alerts'))).toEqual([]);
    expect(only(await get('/api/alerts?all=1'))).toMatchObject({
      shown: 'pending',
      present: expect.stringContaining('needs 1m and 2 bad samples, so far 0s and 1') as string,
    });
  });

  it('shows what has lately ended, after what goes on', async () => {
    const { get, alerting: own, clock } = await face();
    own.take(seen({ rc1: 20, rc2: 20 }));
    for (let round = 0; round < 8; round += 1) {
      clock.advance(10);
      own.take(seen({ rc1: 1, rc2: 20 }));
    }
    const [first, second] = alertsIn(await get('/api/alerts'));
    expect(first).toMatchObject({ shown: 'firing', labels: { node: 'rc2' } });
    expect(second).toMatchObject({ shown: 'resolved', told: 'closed' });
    expect(second?.ended).toMatch(/Z$/);
  });

  it('refuses a question that it does not know', async () => {
    const { get } = await face();
    expect((await get('/api/alerts?every=1')).status).toBe(400);
  });

  it.each([
    [{ severity: 'critical' } as const, 'it is warning, and the channel is told of critical only'],
    [{ regions: ['other'] }, 'the channel is told of other only, and this is maas3'],
    [{ escalation: 1 }, 'only when nobody acknowledges it'],
  ])('says why a channel with %j is told nothing', async (changes, words) => {
    const { get, alerting: own, clock } = await face({ channels: [channelConfig(changes)] });
    for (let round = 0; round < 8; round += 1) {
      own.take(seen({ rc2: -20 }));
      clock.advance(10);
    }
    expect(only(await get('/api/alerts')).channels[0]?.says).toContain(words);
  });
});

describe('GET /api/explain', () => {
  it.each([
    ['name', (alert: AlertView) => alert.name],
    ['episode', (alert: AlertView) => alert.episode?.id ?? ''],
    ['short id', (alert: AlertView) => (alert.episode?.short ?? '').toLowerCase()],
    ['fingerprint', (alert: AlertView) => alert.fingerprint],
  ])('tells the story of an alert by its %s, oldest line first', async (_, by) => {
    const { get, alerting: own, clock, sent } = await face();
    own.take(seen({ rc2: 20 }));
    clock.advance(6);
    await expect.poll(() => sent.length).toBe(1);
    const what = by(only(await get('/api/alerts')));
    const path = `/api/explain?what=${encodeURIComponent(what)}`;
    const words = async () =>
      ((await get(path)).body as unknown as ExplainView).alerts[0]?.lines.map((line) => line.words);
    await expect
      .poll(words)
      .toEqual([
        'pend: first bad sample',
        'fire: bad for long enough',
        'open: nothing explains it',
        'ops: open sent',
      ]);
  });

  it('tells no more lines than asked for, the newest', async () => {
    const { get, alerting: own } = await face();
    own.take(seen({ rc2: 20 }));
    const { body } = await get('/api/explain?what=MaasHaTestTooHigh&most=1');
    expect((body as unknown as ExplainView).alerts[0]?.lines.map(({ words }) => words)).toEqual([
      'open: nothing explains it',
    ]);
  });

  it('tells of both alerts of one name', async () => {
    const { get, alerting: own } = await face();
    own.take(seen({ rc1: 20, rc2: 20 }));
    const { body } = await get('/api/explain?what=MaasHaTestTooHigh');
    expect((body as unknown as ExplainView).alerts).toHaveLength(2);
  });

  it('knows from the journal what is remembered nowhere else', async () => {
    const { get, alerting: own, clock } = await face();
    own.take(seen({ rc2: -20 }));
    for (let round = 0; round < 30; round += 1) {
      clock.advance(60);
      own.take(seen({ rc2: 1 }));
    }
    const { body } = await get('/api/explain?what=MaasHaTestTooLow');
    const [found] = (body as unknown as ExplainView).alerts;
    expect(found?.present).toBeUndefined();
    expect(found?.lines.map(({ words }) => words)).toEqual([
      'pend: first bad sample',
      'drop: good before its time',
    ]);
  });

  it.each([
    ['what=MaasHaNone', 404, 'knows MaasHaNone'],
    ['what=MaasHaTestTooLow', 404, 'has not been bad'],
    ['', 400, 'what: expected'],
    ['what=a&most=0', 400, 'most: expected a number from 1 to 1000'],
  ])('answers %j with %d', async (query, status, words) => {
    const { get } = await face();
    const answer = await get(`/api/explain?${query}`);
    expect(answer.status).toBe(status);
    expect(answer.body['error']).toContain(words);
  });
});
