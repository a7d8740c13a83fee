/* How names and texts stand in SQL that an operator pastes (PostgreSQL manual, section 4.1). */

/** A role or a database: quoted where it is not plain. */
export const quoted = (name: string): string =>
  /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;

export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
