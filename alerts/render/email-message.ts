import type { Instant } from '../../src/core/time.ts';
import type { Parcel, Receipt, Thread } from '../notifier.ts';
import { renderEmail } from './email.ts';
import { headersOf, mailDate, placeOf } from './email-headers.ts';
import { refusalsOf, serverSaid, type Hide, type SmtpError } from './email-trouble.ts';

/** Who writes to whom, when. */
export interface Correspondence {
  readonly from: string;
  readonly to: readonly string[];
  readonly monitor: string;
  readonly now: Instant;
}

/**
 * A parcel as nodemailer's composer takes it. The same parcel always makes the same mail, but for its
 * date, as long as the thread is the same.
 */
export function messageOf(
  parcel: Parcel,
  thread: Thread,
  { from, to, monitor, now }: Correspondence,
) {
  const place = placeOf(parcel, thread, from);
  const { subject, fromName, text, html, attachments } = renderEmail(parcel.notice, monitor);
  const answers = place.inReplyTo !== undefined;
  return {
    from: { name: fromName, address: from },
    to: [...to],
    subject: answers ? `Re: ${subject}` : subject,
    date: mailDate(now),
    messageId: place.messageId,
    ...(answers && { inReplyTo: place.inReplyTo }),
    references: [...place.references],
    headers: headersOf(parcel.notice, subject, from),
    text,
    html,
    attachments: [...attachments],
    newline: 'windows',
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** What a server said to a mail that it took, for at least one recipient. */
export interface Acceptance {
  readonly accepted: readonly string[];
  readonly rejected: readonly string[];
  readonly rejectedErrors?: readonly SmtpError[] | undefined;
  readonly response: string;
  readonly serverMessageId?: string | undefined;
}

/**
 * Of a mail that was taken. Present only when somebody did not get it: `rejected`, the addresses, and
 * `because`, the server's words for each.
 */
export const receiptOf = (
  messageId: string,
  { accepted, rejected, rejectedErrors, response, serverMessageId }: Acceptance,
  hide: Hide,
): Receipt => ({
  messageId,
  // Some servers give a mail an id of their own, and that is what its answers refer to.
  ...(serverMessageId !== undefined && { serverId: serverMessageId }),
  accepted,
  response: serverSaid(hide.text(response)),
  ...(rejected.length > 0 && { rejected, because: refusalsOf(rejectedErrors?.map(hide.error)) }),
});
