import { shortId, type Notice } from '../notice.ts';
import { attachmentsOf, type Attachment } from './email-attachments.ts';
import { contentOf } from './email-content.ts';
import { headerText } from './email-headers.ts';
import { emailHtml } from './email-html.ts';
import { emailText } from './email-text.ts';
import { stateWord, subjectOf } from './words.ts';

/** A mail, but for what depends on the mails before it. */
export interface RenderedEmail {
  /** The same through all of an episode, or mail programs take it apart. */
  readonly subject: string;
  /** Carries the state, because the subject cannot. */
  readonly fromName: string;
  readonly text: string;
  readonly html: string;
  readonly attachments: readonly Attachment[];
}

/** `[maas3] MaasHaDnsSlaveDown node rc2 (7F2ABC)` */
function subjectLine({ kind, region, rule, labels, episode }: Notice): string {
  const about = kind === 'test' ? 'test of the alert channel' : `${rule} ${subjectOf(labels)}`;
  return `[${headerText(region, 40)}] ${headerText(about.trim(), 100)} (${headerText(shortId(episode.id))})`;
}

/** `CRITICAL · maasha` while it goes on as it began, else its state: `RESOLVED · maasha`. */
function nameWithState(notice: Notice, monitor: string): string {
  const fires = notice.kind !== 'test' && notice.standing === 'firing';
  return `${fires ? notice.severity.toUpperCase() : stateWord(notice)} · ${headerText(monitor, 60)}`;
}

/** What a mail about this says; `monitor` is who tells it. */
export function renderEmail(notice: Notice, monitor: string): RenderedEmail {
  const content = contentOf(notice, monitor);
  return {
    subject: subjectLine(notice),
    fromName: nameWithState(notice, monitor),
    text: emailText(content),
    html: emailHtml(content),
    attachments: attachmentsOf(notice),
  };
}
