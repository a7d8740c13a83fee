/** Where mail is handed in. */
export interface MailServer {
  /** TLS from the first octet on. */
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
}

/**
 * Reads `smtps://host[:port]` or `smtp://host[:port]`; undefined when the text is none of these, or holds
 * anything more, such as a password. Without a port: 465 for smtps, else 587 with a user and 25 without.
 */
export function mailServerOf(text: string, user?: string): MailServer | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(text);
  const more = username + password + pathname.replace('/', '') + search + hash;
  if (more !== '' || hostname === '' || !['smtp:', 'smtps:'].includes(protocol)) return undefined;
  const secure = protocol === 'smtps:';
  const usual = secure ? 465 : user === undefined ? 25 : 587;
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return { secure, host, port: port === '' ? usual : Number(port) };
}

/** What is said to such a host does not leave this one. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
