import type { DeliveryFailure } from '../notifier.ts';
import { failureOf, refusalsOf, type Hide, type SmtpError } from './email-trouble.ts';

/** What a server replied to the sender, and then to each recipient. */
export interface Reply {
  readonly status: number;
  readonly response: string;
  readonly recipient?: string;
}

/** Names sender and recipients as for a mail, and then sends none. */
export async function tryOut(
  say: (command: string) => Promise<Reply>,
  from: string,
  to: readonly string[],
): Promise<readonly Reply[]> {
  const sender = await say(`MAIL FROM:<${from}>`);
  if (sender.status >= 400) return [sender];
  const replies = [sender];
  for (const recipient of to) replies.push({ ...(await say(`RCPT TO:<${recipient}>`)), recipient });
  await say('RSET');
  return replies;
}

const asError = ({ status, response, recipient }: Reply): SmtpError => ({
  message: '',
  code: 'EENVELOPE',
  command: recipient === undefined ? 'MAIL FROM' : 'RCPT TO',
  responseCode: status,
  response,
  recipient,
});

/** What a trial came to: what would make every mail fail, and (the end of a sentence) who would get none. */
export function trialOf(
  replies: readonly Reply[],
  server: string,
  hide: Hide,
): { readonly problem?: DeliveryFailure; readonly but: string } {
  const errors = replies
    .filter(({ status }) => status >= 400)
    .map((reply) => hide.error(asError(reply)));
  const [first] = errors;
  if (first === undefined) return { but: '' };
  if (first.command === 'MAIL FROM')
    return { problem: failureOf(first, { server, handedOver: false }), but: '' };
  if (errors.length < replies.length - 1)
    return { but: `, but refuses ${refusalsOf(errors).join('; ')}` };
  const later = errors.find(({ responseCode = 0 }) => responseCode < 500);
  return {
    problem: failureOf(
      { ...(later ?? first), rejectedErrors: errors },
      { server, handedOver: false },
    ),
    but: '',
  };
}
