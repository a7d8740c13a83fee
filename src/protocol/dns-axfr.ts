import { createHash } from 'node:crypto';
import { CheckFailure, type FailureCode } from '../core/failure.ts';
import type { ZoneTransfer } from '../core/ports/dns.ts';
import { HEADER_OCTETS, isPartOfReply, isTruncated, rcodeOf, sameName, word } from './dns.ts';
import { readRecord, skipQuestion, SOA, type WireRecord } from './dns-record.ts';

/** A whole zone; who sent it and how long that took is added by who received it. */
export type ZoneContent = Pick<ZoneTransfer, 'serial' | 'records' | 'digest'>;

/** What an error says in answer to AXFR (RFC 5936 section 2.2.1); all others: `protocol`. */
const CODES: Readonly<Record<string, FailureCode>> = {
  REFUSED: 'no_privilege',
  NOTAUTH: 'no_privilege',
  FORMERR: 'version',
  NOTIMP: 'version',
};

/**
 * Reads the messages that answer an AXFR query (RFC 5936 section 2.2): one or many, whose records
 * together begin and end with the zone's SOA. The returned function takes them one by one, and gives the
 * zone when it is whole, undefined before.
 *
 * The digest is over the set of records as RFC 4034 section 6 writes them (names in full and in lower
 * case), without SOA and TTLs; neither their order nor how they were compressed plays a part.
 *
 * @throws CheckFailure `no_privilege`, `version` or `protocol`; see `DnsPort.transfer`.
 */
export function openTransfer(
  query: Uint8Array,
  zone: string,
): (message: Uint8Array) => ZoneContent | undefined {
  const seen = new Set<string>();
  let serial: number | undefined;
  let whole = false;
  const take = (record: WireRecord): void => {
    if (whole) throw broken('records follow the SOA that ends it');
    const found = record.type === SOA ? record.serial : undefined;
    if (serial === undefined) {
      if (found === undefined || !sameName(record.owner, zone))
        throw broken('it does not begin with the SOA of the zone');
      serial = found;
    } else if (found === undefined) {
      seen.add(digestOf(record.canonical).slice(0, 32));
    } else {
      if (found !== serial) throw broken(`it begins as version ${serial} and ends as ${found}`);
      whole = true;
    }
  };
  return (message) => {
    if (!isPartOfReply(query, message)) throw broken('a message answers another question');
    refuseError(message);
    for (const record of recordsOf(message)) take(record);
    if (!whole || serial === undefined) return undefined;
    return { serial, records: seen.size, digest: digestOf([...seen].sort().join('')) };
  };
}

function refuseError(message: Uint8Array): void {
  const rcode = rcodeOf(message);
  if (rcode !== 'NOERROR') {
    throw new CheckFailure(CODES[rcode] ?? 'protocol', `the server answers AXFR with ${rcode}`, {
      facts: { rcode },
    });
  }
  if (isTruncated(message)) throw broken('a message says that it was cut short');
  if (word(message, 6) === 0) throw broken('a message has no records');
}

function* recordsOf(message: Uint8Array): Generator<WireRecord> {
  let at = HEADER_OCTETS;
  if (word(message, 4) === 1) at = skipQuestion(message, at);
  for (let left = word(message, 6); left > 0; left -= 1) {
    const record = readRecord(message, at);
    at = record.next;
    yield record;
  }
}

const digestOf = (content: Uint8Array | string): string =>
  createHash('sha256').update(content).digest('hex');

const broken = (why: string): CheckFailure =>
  new CheckFailure('protocol', `the zone transfer is broken: ${why}`);
