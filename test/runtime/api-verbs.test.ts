import { describe, expect, it } from 'vitest';
import type { ExplainView } from '../../src/runtime/explain.ts';
import { alertsIn, face, only } from '../support/api-face.ts';
import { seen } from '../support/open-alerting.ts';

describe('POST /api/ack and /api/unack', () => {
  it('takes care of an alert, for so long, and gives it back', async () => {
    const { get, post, alerting: own } = await face();
    own.take(seen({ rc2: 20 }));
    const acked = await post('/api/ack', { what: 'MaasHaTestTooHigh', by: 'ada', for: '2h' });
    expect(acked.status).toBe(200);
    expect(only(acked)).toMatchObject({
      shown: 'acknowledged',
      owner: { by: 'ada', via: 'HTTP', until: expect.stringMatching(/Z$/) as string },
    });
    const given = await post('/api/unack', { what: only(acked).episode?.short, by: 'ada' });
    expect(only(given)).toMatchObject({ shown: 'firing' });
    const { body } = await get('/api/explain?what=MaasHaTestTooHigh');
    expect((body as unknown as ExplainView).alerts[0]?.lines.map(({ words }) => words)).toEqual(
      expect.arrayContaining(['ada (HTTP) does acknowledge', 'ada (HTTP) does unacknowledge']),
    );
  });

  it('takes a name for all alerts of that name', async () => {
    const { post, alerting: own } = await face();
    own.take(seen({ rc1: 20, rc2: 20 }));
    const acked = await post('/api/ack', { what: 'MaasHaTestTooHigh', by: 'ada' });
    expect(alertsIn(acked).map(({ shown }) => shown)).toEqual(['acknowledged', 'acknowledged']);
  });

  it.each([
    [{ what: 'MaasHaNone', by: 'ada' }, 404, 'there is MaasHaTestTooHigh'],
    [{ what: 'MaasHaTestTooHigh', by: 'ada', region: 'other' }, 404, 'none at all'],
    [{ what: 'MaasHaTestTooHigh' }, 400, 'by: expected who does it'],
    [{ what: 'MaasHaTestTooHigh', by: '  ' }, 400, 'by: expected who does it'],
    [{ what: 'MaasHaTestTooHigh', by: 'ada', for: 'long' }, 400, 'for: expected a duration'],
    [{ what: 'MaasHaTestTooHigh', by: 'ada', for: '8d' }, 400, 'a week at most'],
    [{ what: 'MaasHaTestTooHigh', by: 'ada', until: '2h' }, 400, 'until: nothing here'],
    [[], 400, 'expected a JSON object'],
  ])('refuses %j with %d', async (body, status, words) => {
    const { post, alerting: own } = await face();
    own.take(seen({ rc2: 20 }));
    const answer = await post('/api/ack', body);
    expect(answer.status).toBe(status);
    expect(answer.body['error']).toContain(words);
  });

  it('has nothing to give back where nobody has taken it', async () => {
    const { post, alerting: own } = await face();
    own.take(seen({ rc2: 20 }));
    const answer = await post('/api/unack', { what: 'MaasHaTestTooHigh', by: 'ada' });
    expect(answer).toMatchObject({ status: 422, body: { error: expect.any(String) as string } });
  });
});

describe('POST /api/silence and /api/unsilence', () => {
  const wish = { by: 'ada', reason: 'a new disk', for: '1h' };

  it('silences one episode, shows it, and ends it by its short id', async () => {
    const { get, post, alerting: own } = await face();
    own.take(seen({ rc2: 20 }));
    const made = await post('/api/silence', { ...wish, what: 'MaasHaTestTooHigh' });
    expect(made).toMatchObject({
      status: 200,
      body: { silence: { by: 'ada', rule: 'MaasHaTestTooHigh', hides: ['MaasHaTestTooHigh'] } },
    });
    expect(only(await get('/api/alerts'))).toMatchObject({
      shown: 'silenced',
      present: expect.stringMatching(/silenced by ada until .*: a new disk$/) as string,
    });
    const { short } = made.body['silence'] as { readonly short: string };
    const listed = await get('/api/silences');
    expect(listed.body['silences']).toMatchObject([{ short, left: 3600 }]);
    expect((await post('/api/unsilence', { id: short, by: 'ada' })).status).toBe(200);
    expect((await get('/api/silences')).body['silences']).toEqual([]);
    expect(only(await get('/api/alerts')).shown).toBe('firing');
  });

  it('silences by rule, labels and region before anything is wrong', async () => {
    const { get, post, alerting: own } = await face();
    const scope = { rule: 'MaasHaTestTooHigh', labels: { node: 'rc2' }, region: 'maas3' };
    expect((await post('/api/silence', { ...wish, ...scope })).status).toBe(200);
    own.take(seen({ rc1: 20, rc2: 20 }));
    const shown = alertsIn(await get('/api/alerts')).map((each) => [
      each.labels['node'],
      each.shown,
    ]);
    expect(shown).toEqual(
      expect.arrayContaining([
        ['rc1', 'firing'],
        ['rc2', 'silenced'],
      ]),
    );
  });

  it.each([
    [{ ...wish, for: '25h', rule: 'MaasHaTestTooHigh' }, 422, 'may last 1d at most'],
    [{ ...wish, reason: ' ' }, 400, 'reason: expected the reason'],
    [{ ...wish, rule: 'MaasHaNone' }, 422, 'no alert is named MaasHaNone'],
    [{ ...wish, labels: { node: 'rc9' } }, 404, 'no node is named rc9; there is rc1, rc2'],
    [{ ...wish, region: 'none' }, 404, 'no region is named none; there is maas3, monitor'],
    [{ ...wish, what: 'MaasHaNone' }, 404, 'no alert that goes on'],
    [{ ...wish, what: 'MaasHaTestTooHigh' }, 422, 'is more than one alert'],
    [{ ...wish, what: 'MaasHaTestTooHigh', rule: 'MaasHaTestTooHigh' }, 422, 'not both'],
    [{ by: 'ada', reason: 'why' }, 400, 'for: expected a duration'],
  ])('refuses %j with %d', async (body, status, words) => {
    const { post, alerting: own } = await face();
    own.take(seen({ rc1: 20, rc2: 20 }));
    const answer = await post('/api/silence', body);
    expect(answer.status).toBe(status);
    expect(answer.body['error']).toContain(words);
  });

  it('ends no silence that there is not', async () => {
    const { post } = await face();
    expect(await post('/api/unsilence', { id: 'ABCDEF', by: 'ada' })).toMatchObject({
      status: 404,
      body: { error: 'no silence has the id ABCDEF; there is none at all' },
    });
  });

  it('shows the maintenance that goes on and the next one', async () => {
    const weekly = { on: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], for: '2h' } as const;
    const { get } = await face({
      maintenance: [
        { name: 'always', zone: 'UTC', from: '2000-01-01 00:00', to: '2100-01-01 00:00' },
        { name: 'nightly', zone: 'UTC', weekly: { ...weekly, on: [...weekly.on], at: '02:00' } },
      ],
    });
    expect((await get('/api/silences')).body['windows']).toMatchObject({
      inForce: [{ name: 'always' }],
      next: { name: 'nightly' },
    });
  });
});

it('counts what each channel still has to say', async () => {
  const { get, alerting: own, clock } = await face();
  own.take(seen({ rc2: 20 }));
  clock.advance(2);
  expect(await get('/api/deliveries')).toMatchObject({
    status: 200,
    body: { channels: [{ channel: 'ops', waiting: 1, doubtful: 0, dead: 0, oldest: 2 }] },
  });
});

it('says that a restart would undo it, when the store does not take it', async () => {
  const { post, alerting: own } = await face();
  own.take(seen({ rc2: 20 }));
  Object.defineProperty(own.ledger, 'trouble', { value: 'the disk is full' });
  expect((await post('/api/ack', { what: 'MaasHaTestTooHigh', by: 'ada' })).body).toMatchObject({
    trouble: 'the disk is full',
  });
});
