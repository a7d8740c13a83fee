import { CheckFailure } from '../../core/failure.ts';
import {
  BACKEND_ROLES,
  BACKEND_STATES,
  type BackendRole,
  type BackendState,
  type BackendView,
} from '../../core/ports/pcp.ts';
import type { Row } from '../../core/ports/postgres.ts';

/** What pgpool answers itself, on any of its SQL connections. All columns are text. */
export const SHOW_POOL_NODES = 'SHOW pool_nodes';

/** What was called otherwise: roles up to 4.1, states as numbers up to 3.5. */
const OLD_ROLES: Readonly<Record<string, BackendRole>> = { master: 'main', slave: 'replica' };
const OLD_STATES: Readonly<Record<string, BackendState>> = {
  0: 'unused',
  1: 'waiting',
  2: 'up',
  3: 'down',
};

/**
 * The rows of `SHOW pool_nodes` (pg_status and pg_role from 4.3 on). The time of the last change is in the
 * time zone of pgpool's host, which nobody tells: it is left out.
 *
 * @throws CheckFailure `protocol` when a row lacks what every version has.
 */
export const decodePoolNodes = (rows: readonly Row[]): readonly BackendView[] =>
  rows.map((row) => {
    const { hostname, port, status, role, lb_weight: weight, pg_status, pg_role } = row;
    if (typeof hostname !== 'string' || typeof status !== 'string' || !/^\d+$/.test(port ?? ''))
      throw new CheckFailure('protocol', 'SHOW pool_nodes: columns are missing');
    return {
      host: hostname,
      port: Number(port),
      state: stateOf(status),
      role: roleOf(role),
      ...(typeof pg_status === 'string'
        ? { actualState: pg_status === 'up' || pg_status === 'down' ? pg_status : 'unknown' }
        : {}),
      ...(typeof pg_role === 'string' ? { actualRole: roleOf(pg_role) } : {}),
      weight: Number(weight ?? 0),
    };
  });

const stateOf = (text: string): BackendState =>
  BACKEND_STATES.find((state) => state === text) ?? OLD_STATES[text] ?? 'unknown';

const roleOf = (text: string | null | undefined): BackendRole =>
  BACKEND_ROLES.find((role) => role === text) ?? OLD_ROLES[text ?? ''] ?? 'unknown';
