import { printable } from '../../src/core/printable.ts';
import { DeliveryFailure, type Trouble } from '../notifier.ts';

/** What is known of a failed conversation with a mail server; nodemailer's errors fit. */
export interface SmtpError {
  readonly message: string;
  /** nodemailer's own: EAUTH, EENVELOPE, … */
  readonly code?: string | undefined;
  /** Of Node or OpenSSL, below it. */
  readonly originalCode?: string | undefined;
  /** The command that was being answered; `CONN` and `API` when there was none. */
  readonly command?: string | undefined;
  readonly responseCode?: number | undefined;
  /** What the server said, raw. */
  readonly response?: string | undefined;
  readonly recipient?: string | undefined;
  /** One for each refused recipient. */
  readonly rejectedErrors?: readonly SmtpError[] | undefined;
}

/** Where and how far an attempt had come. */
export interface Progress {
  /** `mail.example.org:465` */
  readonly server: string;
  /** The whole mail has left, final dot and all. */
  readonly handedOver: boolean;
}

type Verdict = readonly [trouble: Trouble, words: string];

/** What a server said, fit for a message: one line of at most 200 characters. */
export const serverSaid = (text: string): string =>
  printable(text.trim().replaceAll(/\s*\r?\n\s*/g, ' / '), 200);

const UNTRUSTED = 'has a certificate of an unknown issuer: give the issuer’s as ca_file';
const CERTIFICATE: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'has a self-signed certificate: give it as ca_file, if it is right',
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  CERT_HAS_EXPIRED: 'has a certificate that has expired: renew it there',
  CERT_NOT_YET_VALID: 'has a certificate that is not valid yet: compare the clocks',
  CERT_REVOKED: 'has a certificate that was revoked: renew it there',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'has a certificate for another name: write in smtp the name that it is for',
};

const PROTOCOL: Verdict = [
  'closed',
  'does not speak TLS there as expected: smtps:// begins with TLS (port 465), smtp:// with STARTTLS (port 587 or 25)',
];

/** A failed TLS handshake that a person must mend; undefined for everything else. */
function tlsVerdict({ originalCode = '', code, responseCode = 0 }: SmtpError): Verdict | undefined {
  const words = CERTIFICATE[originalCode];
  if (words !== undefined) return ['closed', words];
  if (originalCode === 'EPROTO' || originalCode.startsWith('ERR_SSL_')) return PROTOCOL;
  if (originalCode.startsWith('CERT_'))
    return ['closed', `has a bad certificate (${originalCode})`];
  return code === 'ETLS' && responseCode >= 500
    ? ['closed', 'refuses STARTTLS, and nothing is sent without TLS']
    : undefined;
}

/** What a final refusal (5xx) means: of this mail, or of all that this account, sender or address may do. */
function refusal({ command = '', code, responseCode }: SmtpError): Verdict {
  if (code === 'EAUTH') return ['closed', 'did not accept user and password'];
  if (command === 'MAIL FROM')
    return responseCode === 552
      ? ['refused', 'finds the mail too large']
      : ['closed', 'does not take mail from this sender'];
  if (command === 'RCPT TO') return ['closed', 'refuses all recipients'];
  if (command === 'DATA') return ['refused', 'refused the mail'];
  return ['closed', 'does not serve us'];
}

const WAITS: Readonly<Record<string, string>> = {
  ETIMEDOUT: 'did not answer in time',
  EDNS: 'could not be found in the DNS',
  ECONNECTION: 'broke the connection off',
  EPROTOCOL: 'answers as no mail server does',
};

/** A failure without an answer: what it was, in words. */
const silence = ({ code = '', originalCode, command }: SmtpError): string =>
  originalCode === undefined || code === 'ETIMEDOUT'
    ? (WAITS[code] ?? `failed${command === undefined ? '' : ` (${command})`}`)
    : `could not be talked to (${originalCode})`;

const isAnswer = ({ responseCode = 0 }: SmtpError): boolean =>
  responseCode >= 400 && responseCode < 600;

function verdictOf(error: SmtpError, { handedOver }: Progress): Verdict {
  const { responseCode = 0 } = error;
  const tls = handedOver ? undefined : tlsVerdict(error);
  if (tls !== undefined) return tls;
  if (isAnswer(error)) return responseCode < 500 ? ['again', 'asks to come later'] : refusal(error);
  if (handedOver) return ['unknown', 'had the whole mail and did not say what became of it'];
  return unsaid(error);
}

/** Without an answer, and without a mail that had left. */
function unsaid(error: SmtpError): Verdict {
  const { code = '', command, message } = error;
  if (code === 'EMESSAGE') return ['refused', 'would find the mail too large'];
  // Found wrong before anything was sent: credentials or an address that cannot be.
  return command === 'API' && ['EAUTH', 'EENVELOPE'].includes(code)
    ? ['closed', `cannot be asked: ${serverSaid(message)}`]
    : ['again', silence(error)];
}

/** Each refused recipient with the server's words. */
export const refusalsOf = (errors: SmtpError['rejectedErrors'] = []): readonly string[] =>
  errors.map(
    ({ recipient = 'a recipient', response = 'refused' }) =>
      `${recipient}: ${serverSaid(response)}`,
  );

/** Why an account may not be used over a session; undefined when it may. */
export function unfit(
  { secure, allowsAuth }: { readonly secure: boolean; readonly allowsAuth: boolean },
  server: string,
  user: string,
  password: string,
): DeliveryFailure | undefined {
  const closed = (words: string): DeliveryFailure =>
    new DeliveryFailure('closed', `mail server ${server} ${words}`);
  if (!secure) return closed('speaks without TLS, and no password is sent then');
  if (!allowsAuth)
    return closed(`offers no AUTH to log in as ${user}: try another port, or leave user out`);
  return password === ''
    ? closed(`wants the password of ${user}, and password_file holds none`)
    : undefined;
}

/**
 * What a failed conversation means for the parcel. The order of the questions matters: a definite
 * answer counts even after everything was sent; without one, what was sent in full is in doubt.
 */
export function failureOf(error: SmtpError, progress: Progress): DeliveryFailure {
  const [trouble, words] = verdictOf(error, progress);
  const each = refusalsOf(error.rejectedErrors);
  const said = each.length > 0 ? each.slice(0, 3).join('; ') : serverSaid(error.response ?? '');
  return new DeliveryFailure(
    trouble,
    `mail server ${progress.server} ${words}${said === '' ? '' : `: ${said}`}`,
  );
}

/** An attempt that was ended from here: its time was over, or the monitor stops. */
export const stopped = ({ server, handedOver }: Progress): DeliveryFailure =>
  handedOver
    ? new DeliveryFailure('unknown', `stopped while mail server ${server} had the whole mail`)
    : new DeliveryFailure('again', `stopped before mail server ${server} had the mail`);

/** Keeps secrets out of a text, and out of an error. */
export interface Hide {
  readonly text: (text: string) => string;
  readonly error: (error: SmtpError) => SmtpError;
}

/** Puts `***` where one of `secrets` stands; the longer ones must come first. */
export function hiding(secrets: readonly string[]): Hide {
  const text = (said: string): string =>
    secrets
      .filter((secret) => secret !== '')
      .reduce((rest, secret) => rest.replaceAll(secret, '***'), said);
  const error = (found: SmtpError): SmtpError => ({
    message: text(found.message),
    code: found.code,
    originalCode: found.originalCode,
    command: found.command,
    responseCode: found.responseCode,
    recipient: found.recipient,
    response: found.response === undefined ? undefined : text(found.response),
    rejectedErrors: found.rejectedErrors?.map(error),
  });
  return { text, error };
}
