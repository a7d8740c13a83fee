import { CheckFailure } from '../core/failure.ts';
import {
  BACKEND_ROLES,
  type BackendRole,
  type BackendState,
  type BackendView,
} from '../core/ports/pcp.ts';
import { request, strings, unexpected, type PcpFrame, type PcpRequest } from './pcp.ts';

/** More than pgpool's own limit (MAX_NUM_BACKENDS, 128). */
const MAX_BACKENDS = 256;

/** How many backends are configured. */
export const nodeCountRequest: PcpRequest<number> = request(
  'PCP node count',
  'L',
  [],
  ([frame]) => {
    if (frame === undefined) return undefined;
    const [verdict, count] = strings(frame.body);
    if (verdict !== 'CommandComplete') throw unexpected('PCP node count', frame);
    const backends = integer(count, 'node count');
    if (backends < 0 || backends > MAX_BACKENDS) throw unexpected('PCP node count', frame);
    return backends;
  },
);

/**
 * What pgpool thinks of one backend, or of all of them (`index` -1, understood from 4.3 on; older
 * ones answer that the index is invalid).
 */
export const nodeInfoRequest = (index: number): PcpRequest<readonly BackendView[]> =>
  request('PCP node info', 'I', [String(index)], readNodeInfo);

/**
 * Up to 4.2 one frame `CommandComplete` with the fields; from 4.3 on `ArraySize`, one `NodeInfo` per
 * backend, and an empty `CommandComplete` at the end.
 */
function readNodeInfo(frames: readonly PcpFrame[]): readonly BackendView[] | undefined {
  const [first, ...others] = frames;
  if (first === undefined) return undefined;
  if (frames.length > MAX_BACKENDS + 2) throw unexpected('PCP node info', first);
  const [verdict, ...fields] = strings(first.body);
  if (verdict === 'CommandComplete') return [decodeBackend(fields)];
  if (verdict !== 'ArraySize') throw unexpected('PCP node info', first);
  const last = others.at(-1);
  if (last === undefined || strings(last.body)[0] !== 'CommandComplete') return undefined;
  const announced = integer(fields[0], 'node info array size');
  const backends = others.slice(0, -1).map(decodeEntry);
  if (backends.length !== announced) throw unexpected('PCP node info', first);
  return backends;
}

function decodeEntry(frame: PcpFrame): BackendView {
  const [verdict, ...fields] = strings(frame.body);
  if (verdict !== 'NodeInfo') throw unexpected('PCP node info', frame);
  return decodeBackend(fields);
}

type Field =
  | 'host'
  | 'port'
  | 'status'
  | 'quarantine'
  | 'actualState'
  | 'weight'
  | 'role'
  | 'actualRole'
  | 'delayIsTime'
  | 'delay'
  | 'replication'
  | 'sync'
  | 'changed';

/** What changed from version to version is only how many fields there are, so their number tells. */
const LAYOUTS: Readonly<Record<number, readonly Field[]>> = {
  // 3.3, 3.4, 3.5 (recorded) and 3.6 (read)
  4: ['host', 'port', 'status', 'weight'],
  // 3.7 (recorded)
  6: ['host', 'port', 'status', 'quarantine', 'weight', 'role'],
  // 4.0 (read)
  8: ['host', 'port', 'status', 'quarantine', 'weight', 'role', 'delay', 'changed'],
  // 4.1 and 4.2 (recorded)
  10: [
    ...(['host', 'port', 'status', 'quarantine', 'weight', 'role', 'delay'] as const),
    ...(['replication', 'sync', 'changed'] as const),
  ],
  // 4.3 (recorded)
  12: [
    ...(['host', 'port', 'status', 'quarantine', 'actualState', 'weight', 'role'] as const),
    ...(['actualRole', 'delay', 'replication', 'sync', 'changed'] as const),
  ],
  // 4.4 and 4.6 (recorded), 4.5 and 4.7 (read)
  13: [
    ...(['host', 'port', 'status', 'quarantine', 'actualState', 'weight', 'role'] as const),
    ...(['actualRole', 'delayIsTime', 'delay', 'replication', 'sync', 'changed'] as const),
  ],
};

/** pgpool's BACKEND_STATUS. */
const STATES: readonly BackendState[] = ['unused', 'waiting', 'up', 'down'];

/** pgpool's SERVER_ROLE; 0 and 1 were called master and slave up to 4.1. */
const ROLES: readonly BackendRole[] = ['main', 'replica', 'primary', 'standby'];

/** A weight of 1 as pgpool sends it. */
const FULL_WEIGHT = 2_147_483_647;

/** One backend from the fields that follow `NodeInfo` or `CommandComplete`. */
function decodeBackend(values: readonly string[]): BackendView {
  const layout = LAYOUTS[values.length];
  if (layout === undefined) {
    throw new CheckFailure(
      'protocol',
      `PCP node info: ${values.length} fields are of no version that we know`,
    );
  }
  const of = (name: Field): string | undefined => {
    const at = layout.indexOf(name);
    return at < 0 ? undefined : values[at];
  };
  const status = STATES[integer(of('status'), 'status')] ?? 'unknown';
  const role = of('role');
  return {
    host: of('host') ?? '',
    port: integer(of('port'), 'port'),
    // A quarantined backend carries the status "down" besides.
    state: status === 'down' && of('quarantine') === '1' ? 'quarantine' : status,
    role: role === undefined ? 'unknown' : (ROLES[integer(role, 'role')] ?? 'unknown'),
    ...actual(of('actualState'), of('actualRole')),
    weight: integerOrFraction(of('weight'), 'weight') / FULL_WEIGHT,
    ...delay(of('delay'), of('delayIsTime')),
    ...changed(of('changed')),
  };
}

function actual(
  state: string | undefined,
  role: string | undefined,
): Pick<BackendView, 'actualState' | 'actualRole'> {
  if (state === undefined) return {};
  return {
    actualState: state === 'up' || state === 'down' ? state : 'unknown',
    actualRole: BACKEND_ROLES.find((each) => each === role) ?? 'unknown',
  };
}

/** From 4.4 on the delay may be a time, which is no number of octets. */
const delay = (
  text: string | undefined,
  isTime: string | undefined,
): Pick<BackendView, 'delayBytes'> =>
  text === undefined || isTime === '1' ? {} : { delayBytes: integer(text, 'delay') };

const changed = (text: string | undefined): Pick<BackendView, 'changedAt'> => {
  const at = text === undefined ? 0 : integer(text, 'last status change');
  return at > 0 ? { changedAt: at } : {};
};

function integer(text: string | undefined, what: string): number {
  const value = integerOrFraction(text, what);
  if (!Number.isSafeInteger(value)) throw notANumber(what);
  return value;
}

function integerOrFraction(text: string | undefined, what: string): number {
  if (text === undefined || !/^-?\d{1,20}(\.\d{1,20})?$/.test(text)) throw notANumber(what);
  return Number(text);
}

const notANumber = (what: string): CheckFailure =>
  new CheckFailure('protocol', `PCP: the ${what} is not a number`);
