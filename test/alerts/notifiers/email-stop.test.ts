import { describe, expect, it } from 'vitest';
import { deferred } from '../../support/deferred.ts';
import {
  EPISODE,
  channelTo,
  failureOf,
  parcel,
  send,
  withScript,
} from '../../support/smtp-channel.ts';
import { opened } from '../../support/smtp-notices.ts';

const mute = { does: 'nothing' } as const;

describe('an attempt that is stopped', () => {
  it('before it began does not connect', () =>
    withScript({}, async (server) => {
      const thread = { episode: EPISODE, receipts: [] };
      const attempt = channelTo(server).send(parcel(opened), thread, AbortSignal.abort());
      expect(await failureOf(attempt)).toMatchObject({ trouble: 'again' });
      expect(server.connections.all).toBe(0);
    }));

  it('before the mail left is tried again, and its connection is gone', () => {
    const stop = new AbortController();
    return withScript(
      {
        MAIL: () => {
          stop.abort();
          return mute;
        },
      },
      async (server) => {
        const thread = { episode: EPISODE, receipts: [] };
        const attempt = channelTo(server).send(parcel(opened), thread, stop.signal);
        expect(await failureOf(attempt)).toMatchObject({ trouble: 'again' });
        await server.idle();
      },
    );
  });

  it('after the mail left leaves a doubt', () => {
    const stop = new AbortController();
    return withScript(
      {
        dot: () => {
          stop.abort();
          return mute;
        },
      },
      async (server) => {
        const thread = { episode: EPISODE, receipts: [] };
        const attempt = channelTo(server).send(parcel(opened), thread, stop.signal);
        expect(await failureOf(attempt)).toMatchObject({ trouble: 'unknown' });
        await server.idle();
      },
    );
  });

  it('by closing the channel ends as well', () => {
    const asked = deferred();
    return withScript(
      {
        MAIL: () => {
          asked.resolve();
          return mute;
        },
      },
      async (server) => {
        const channel = channelTo(server);
        const attempt = failureOf(send(channel));
        await asked.promise;
        await channel.close();
        expect(await attempt).toMatchObject({ trouble: 'again' });
        await server.idle();
      },
    );
  });
});
