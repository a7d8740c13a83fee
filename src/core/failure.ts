/**
 * Why something could not be looked at. The list is closed: it is a metric label.
 *
 * - `timeout`      nothing came before the deadline
 * - `refused`      the host answered that nobody listens there
 * - `unreachable`  no route, no neighbour, network down
 * - `resolve`      a name could not be turned into an address
 * - `no_privilege` this machine, or the account given, may not look
 * - `auth`         the credentials were not accepted
 * - `tls`          the encrypted channel could not be established
 * - `protocol`     the answer breaks the protocol, or is larger than any honest one
 * - `version`      the peer is of a version that cannot tell
 * - `config`       what the configuration says cannot be
 * - `dependency`   another check's answer was needed and is not known
 * - `cancelled`    the monitor itself stopped looking
 * - `internal`     a defect of the monitor
 */
export const FAILURE_CODES = [
  'timeout',
  'refused',
  'unreachable',
  'resolve',
  'no_privilege',
  'auth',
  'tls',
  'protocol',
  'version',
  'config',
  'dependency',
  'cancelled',
  'internal',
] as const;

export type FailureCode = (typeof FAILURE_CODES)[number];

export type Facts = Readonly<Record<string, string | number | boolean>>;

/** Why a check could not look; never used for what a check found. */
export class CheckFailure extends Error {
  override readonly name = 'CheckFailure';
  readonly code: FailureCode;
  readonly facts: Facts;

  constructor(
    code: FailureCode,
    message: string,
    options: { cause?: unknown; facts?: Facts } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.facts = options.facts ?? {};
  }
}

/** Any thrown value as a failure; what is not one already is a defect of ours, and `internal`. */
export function toFailure(thrown: unknown): CheckFailure {
  if (thrown instanceof CheckFailure) return thrown;
  const message = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new CheckFailure('internal', message, { cause: thrown });
}

const SILENCE: readonly FailureCode[] = ['timeout', 'refused', 'unreachable'];

/**
 * True when the failure says something about the peer (it is silent, closed or unreachable), and
 * false when it says something about us (privilege, credentials, a broken answer): the first is a
 * finding, the second only a gap in what is known.
 */
export const isSilence = (failure: CheckFailure): boolean => SILENCE.includes(failure.code);
