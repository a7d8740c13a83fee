import { request as requestHttp, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Secret } from '../core/secret.ts';

/* One request to a monitor that runs, here or elsewhere, and its whole answer. */

export interface Answered {
  readonly status: number;
  readonly body: string;
}

/** Where to, by what method, and who asks. */
interface Asked extends Pick<RequestOptions, 'host' | 'port' | 'path' | 'socketPath' | 'protocol'> {
  readonly method: 'GET' | 'POST';
  readonly token?: Secret | undefined;
  /** JSON. */
  readonly body?: string | undefined;
  /** Milliseconds until it is given up. */
  readonly patience: number;
}

/** @throws the system's error; its name is `TimeoutError` when the patience is at its end. */
export function exchange({ token, body, patience, ...where }: Asked): Promise<Answered> {
  const send = where.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const sent = send({
      ...where,
      agent: false,
      signal: AbortSignal.timeout(patience),
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token.reveal()}` }),
        ...(body !== undefined && {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
        }),
      },
    });
    sent.once('error', reject);
    sent.once('response', (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.once('error', reject);
      response.once('end', () => {
        const text = Buffer.concat(parts).toString('utf8');
        resolve({ status: response.statusCode ?? 0, body: text });
      });
    });
    sent.end(body);
  });
}
