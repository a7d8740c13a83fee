import { isSilence, toFailure, type CheckFailure } from '../../core/failure.ts';
import type { Ports } from '../../core/ports/ports.ts';
import type { Region } from '../../core/region.ts';

/** Lines to be pasted somewhere so that something may be seen. */
export interface Remedy {
  /** The host that they belong to, by its name; the monitor itself is `monitor`. */
  readonly host: string;
  /** Into what: a file, or a program. */
  readonly into: string;
  readonly lines: readonly string[];
}

/** One thing that checks want to see, and whether they may, found out by looking with the accounts that are configured. */
export interface Right {
  /** The names of the checks that want it. */
  readonly checks: readonly string[];
  readonly what: string;
  /** Where it was looked for: a node, a server, the virtual address, the monitor. */
  readonly where: string;
  /** `unknown`: somebody could not be asked, so nobody knows. */
  readonly may: 'yes' | 'no' | 'unknown';
  /** False where the checks come to less without it, and say so, but see what matters. */
  readonly needed: boolean;
  /** Why not, in words; never a secret. */
  readonly why?: string;
  readonly remedies: readonly Remedy[];
}

/** What a question about rights is asked with. */
export interface Asker {
  readonly region: Region;
  readonly io: Ports;
  /** The monitor's own address on its way to a host; undefined where there is no way. */
  readonly source: (host: string) => string | undefined;
}

type About = Pick<Right, 'checks' | 'what' | 'where'> & { readonly needed?: boolean };

const made = (
  about: About,
  may: Right['may'],
  why?: string,
  remedies: readonly Remedy[] = [],
): Right => ({
  needed: true,
  ...about,
  may,
  remedies,
  ...(why !== undefined && { why }),
});

export const granted = (about: About): Right => made(about, 'yes');
export const denied = (about: About, why: string, ...remedies: readonly Remedy[]): Right =>
  made(about, 'no', why, remedies);
export const notKnown = (about: About, why: string, ...remedies: readonly Remedy[]): Right =>
  made(about, 'unknown', why, remedies);

/** What a question came to: a value, or why there is none. */
export const tried = <T>(asking: Promise<T>): Promise<T | CheckFailure> => asking.catch(toFailure);

/** The mask that names one address, and no other, in PostgreSQL's and pgpool's files. */
export const only = (address: string): string => `${address}/${address.includes(':') ? 128 : 32}`;

/** Stands in a line where the monitor's own address is not known. */
export const ADDRESS_OF_MONITOR = 'ADDRESS-OF-THE-MONITOR';

/** Nobody answers: either nothing runs there, or something between drops what we send. */
export const silence = (
  { source }: Asker,
  at: { readonly name: string; readonly host: string; readonly port: number },
  failure: CheckFailure,
): { readonly why: string; readonly remedies: readonly Remedy[] } => ({
  why: failure.message,
  remedies: isSilence(failure)
    ? [
        {
          host: at.name,
          into: 'its firewall, if it runs one and the service is up',
          lines: [`# let ${source(at.host) ?? ADDRESS_OF_MONITOR} reach port ${at.port}`],
        },
      ]
    : [],
});

/** A name as pg_hba.conf wants it. */
export const inFile = (name: string): string => (/^[\w.-]+$/.test(name) ? name : `"${name}"`);
