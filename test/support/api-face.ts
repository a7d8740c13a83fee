import { afterEach } from 'vitest';
import type { Parcel } from '../../alerts/notifier.ts';
import type { Alerting as Settings } from '../../src/config/alerting.ts';
import { Secret } from '../../src/core/secret.ts';
import type { Alerting } from '../../src/runtime/alerting.ts';
import { apiRoutes } from '../../src/runtime/api.ts';
import type { AlertView } from '../../src/runtime/api-views.ts';
import { HttpServer } from '../../src/runtime/server.ts';
import { channelConfig, openAlerting, outlet } from './open-alerting.ts';
import { FakeClock } from './clock.ts';

export const TOKEN = 'a-token-that-is-long-enough-for-a-test';
export const AUTHOR = { authorization: `Bearer ${TOKEN}` };

let server: HttpServer | undefined;
let alerting: Alerting | undefined;
afterEach(async () => {
  await server?.close();
  await alerting?.stop();
  server = undefined;
  alerting = undefined;
});

export interface Face {
  readonly url: string;
  readonly clock: FakeClock;
  readonly alerting: Alerting;
  readonly sent: Parcel[];
  readonly get: (path: string) => Promise<Answer>;
  readonly post: (path: string, body: unknown) => Promise<Answer>;
}
export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export async function serve(token?: Secret, found: () => Alerting | undefined = () => alerting) {
  const onError = (error: unknown): void => {
    throw error;
  };
  server = new HttpServer(
    apiRoutes(found, () => token),
    onError,
  );
  return server.listen({ host: '127.0.0.1', port: 0 });
}

/** A real server before an alerting in memory, with one channel `ops` that takes everything. */
export async function face(changes: Partial<Settings> = {}): Promise<Face> {
  const clock = new FakeClock();
  const sent: Parcel[] = [];
  const channels = [channelConfig()];
  const own = await openAlerting(clock, { channels, ...changes }, [outlet(sent)]);
  alerting = own;
  const url = await serve(new Secret(TOKEN));
  const ask = async (path: string, init: RequestInit): Promise<Answer> => {
    const headers = { ...AUTHOR, 'content-type': 'application/json' };
    const response = await fetch(`${url}${path}`, { ...init, headers });
    return { status: response.status, body: (await response.json()) as Answer['body'] };
  };
  return {
    url,
    clock,
    alerting: own,
    sent,
    get: (path) => ask(path, {}),
    post: (path, body) => ask(path, { method: 'POST', body: JSON.stringify(body) }),
  };
}

export const alertsIn = ({ body }: Answer): readonly AlertView[] => body['alerts'] as AlertView[];
export const only = (answer: Answer): AlertView => {
  const [first] = alertsIn(answer);
  if (first === undefined) throw new Error(JSON.stringify(answer.body));
  return first;
};
