import type { Database } from 'better-sqlite3';
import { StoreFailure } from './failure.ts';

/** Marks a file as a store of this program: `maas` in ASCII (SQLite file format, section 1.3.7). */
const APPLICATION = 0x6d61_6173;

/** Of the tables below. A newer program raises it and says here how to get from the older one. */
const VERSION = 1;

const TABLES = `
  CREATE TABLE documents (key TEXT PRIMARY KEY, value TEXT NOT NULL);

  CREATE TABLE deliveries (
    id TEXT PRIMARY KEY,
    episode TEXT, channel TEXT, seq INTEGER, kind TEXT, stage TEXT,
    settled_at REAL,
    value TEXT NOT NULL
  );
  -- Holds all that decides which episodes are live, so that this does not read the notices.
  CREATE INDEX deliveries_traces ON deliveries (episode, channel, seq, kind, stage, settled_at);

  CREATE TABLE journal (
    line INTEGER PRIMARY KEY,
    at REAL, region TEXT, fingerprint TEXT, episode TEXT, what TEXT,
    says TEXT NOT NULL
  );
  CREATE INDEX journal_at ON journal (at);
  CREATE INDEX journal_fingerprint ON journal (fingerprint) WHERE fingerprint IS NOT NULL;
  CREATE INDEX journal_episode ON journal (episode) WHERE episode IS NOT NULL;

  PRAGMA application_id = ${APPLICATION};
  PRAGMA user_version = ${VERSION};`;

export const createTables = (database: Database): void => {
  database.exec(`BEGIN; ${TABLES}; COMMIT`);
};

/** @throws StoreFailure when the file belongs to another program, or to a newer version of this one. */
export function assertOurs(database: Database, file: string): void {
  if (database.pragma('application_id', { simple: true }) !== APPLICATION) {
    throw new StoreFailure(
      `${file}: is an SQLite database, but no store of this monitor; name another file`,
    );
  }
  const version = database.pragma('user_version', { simple: true });
  if (version !== VERSION) {
    throw new StoreFailure(
      `${file}: was written by another version of this monitor (its tables are version ${String(version)}, ` +
        `this program knows ${VERSION}); run that version, or name another file`,
    );
  }
}
