import { CheckFailure } from '../core/failure.ts';

/*
 * OMAPI, the control port of ISC's dhcpd. Both sides begin with a greeting, unasked: the protocol's version and the
 * length of the header that is before each message, 32 bits each, big-endian. A key is only needed for
 * what would follow.
 */

export const OMAPI_PORT = 7911;

const [VERSION, HEADER_OCTETS] = [100, 24] as const;
const GREETING_OCTETS = 8;

/**
 * Takes the greeting off the bytes that have come; undefined while it is not whole.
 *
 * @throws CheckFailure `protocol` when it is another one: something else listens here.
 */
export function takeGreeting(
  heard: Uint8Array,
): { readonly rest: Uint8Array; readonly result: { readonly version: number } } | undefined {
  if (heard.length < GREETING_OCTETS) return undefined;
  const view = new DataView(heard.buffer, heard.byteOffset, heard.byteLength);
  const [version, header] = [view.getUint32(0), view.getUint32(4)];
  if (version !== VERSION || header !== HEADER_OCTETS)
    throw new CheckFailure(
      'protocol',
      `OMAPI: a greeting of version ${version} and header ${header}, expected ${VERSION} and ${HEADER_OCTETS}`,
    );
  return { rest: heard.subarray(GREETING_OCTETS), result: { version } };
}
