import { PASSWORD, type Node } from './plan.ts';
import { runSql } from './postgres.ts';

/* What faults do to replication, and to the write-ahead log behind it. */

/** The role that replicates cannot log in any more: what streams is ended, and nothing new begins. */
export const breakReplication = (primary: Node): Promise<string> =>
  runSql(
    primary,
    'postgres',
    `ALTER ROLE postgresrepl PASSWORD 'changed'; SELECT pg_terminate_backend(pid) FROM pg_stat_replication`,
  );

export const mendReplication = (primary: Node): Promise<string> =>
  runSql(primary, 'postgres', `ALTER ROLE postgresrepl PASSWORD '${PASSWORD.postgresrepl}'`);

/** Ends WAL segments as if they were full. */
export async function fillSegments(primary: Node, count: number): Promise<void> {
  // Nothing is switched where nothing was written since the last time.
  const one = `SELECT pg_logical_emit_message(false, 'lab', 'x'); SELECT pg_switch_wal();`;
  for (let done = 0; done < count; done += 1) await runSql(primary, 'postgres', one);
}

/** Twice, because what a checkpoint removes is what the one before did not need. */
export const checkpoint = (primary: Node): Promise<string> =>
  runSql(primary, 'postgres', 'CHECKPOINT; CHECKPOINT');

/** Changes a setting that can be changed while the server runs. */
export const setOn = (node: Node, name: string, value: string): Promise<string> =>
  runSql(node, 'postgres', `ALTER SYSTEM SET ${name} = '${value}'; SELECT pg_reload_conf()`);
export const resetOn = (node: Node, name: string): Promise<string> =>
  runSql(node, 'postgres', `ALTER SYSTEM RESET ${name}; SELECT pg_reload_conf()`);
