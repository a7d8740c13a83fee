import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

/*
 * Where the notifications of the two Alertmanagers arrive: an HTTP server on the loopback of the host that
 * this program runs on, at the port that it is given. It takes everything, and writes a line of JSON when it
 * listens and one for each notification; the end of its input ends it.
 */

/** One notification as it was taken in. */
export interface Notice {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  /** As the configuration of Alertmanager calls who is told. */
  readonly receiver: string;
  /** The Alertmanager that sent it, as it calls itself to others. */
  readonly by: string;
  readonly status: 'firing' | 'resolved';
  /** What the alerts of the notification have in common by `group_by`. */
  readonly group: Readonly<Record<string, string>>;
  readonly alerts: readonly {
    readonly status: 'firing' | 'resolved';
    readonly labels: Readonly<Record<string, string>>;
    readonly startsAt: string;
    readonly endsAt: string;
  }[];
}

const labels = z.record(z.string(), z.string());
const status = z.enum(['firing', 'resolved']);
const posted = z.object({
  receiver: z.string(),
  externalURL: z.string(),
  status,
  groupLabels: labels,
  alerts: z.array(z.object({ status, labels, startsAt: z.string(), endsAt: z.string() })),
});

const write = (line: Notice | { readonly listening: number }): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};

const port = Number(process.argv[2]);

createServer((request, response) => {
  const at = Date.now();
  void text(request).then((body) => {
    const read = posted.parse(JSON.parse(body));
    write({
      at,
      receiver: read.receiver,
      by: read.externalURL,
      status: read.status,
      group: read.groupLabels,
      alerts: read.alerts,
    });
    response.end();
  });
}).listen(port, '127.0.0.1', () => {
  write({ listening: port });
});
process.stdin.on('end', () => process.exit()).resume();
