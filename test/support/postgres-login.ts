/* What a server, or a pgpool before it, says to somebody who begins to log in. */

const message = (type: string, body: Buffer): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), length, body]);
};

/** `E`: severity, code, message and detail. */
export const pgError = (code: string, words: string, detail = ''): Buffer =>
  message('E', Buffer.from(`SFATAL\0C${code}\0M${words}\0D${detail}\0\0`));

/** `N`: something besides. */
export const pgNotice = (words: string): Buffer =>
  message('N', Buffer.from(`SNOTICE\0C00000\0M${words}\0\0`));

/** `R`: SCRAM is asked for. */
export const PASSWORD_WANTED = message('R', Buffer.from('\0\0\0\x0aSCRAM-SHA-256\0\0'));
