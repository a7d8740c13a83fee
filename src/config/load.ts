import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import type { Region } from '../core/region.ts';
import { toAlerting, type Alerting, type RawAlerting } from './alerting.ts';
import { crossProblems, type Known } from './cross.ts';
import { ConfigError, describe, Locator, type Problem } from './problem.ts';
import { toRegion } from './region.ts';
import { schemaWith, type CheckChange, type RawConfig } from './schema.ts';
import { SecretFiles } from './secret-files.ts';
import { shapeProblems } from './shape.ts';

/** A configuration in which everything was found right, with its secrets read. */
export interface Config {
  readonly file: string;
  readonly listen: RawConfig['listen'];
  readonly regions: readonly Region[];
  readonly checks: Readonly<Record<string, CheckChange>>;
  /** Absent: nobody is told, and nothing is kept. */
  readonly alerting?: Alerting;
}

/** Where state is kept, beside the configuration, unless that or systemd says otherwise. */
const STATE = 'maasha-state';
const PLACES = ['maasha.yaml', '/etc/maasha/maasha.yaml'];

/** The configuration's path: as given, `$MAASHA_CONFIG`, `./maasha.yaml`, `/etc/maasha/maasha.yaml`. */
export function findConfig(given: string | undefined): string | undefined {
  return given ?? process.env['MAASHA_CONFIG'] ?? PLACES.find((place) => existsSync(place));
}

/**
 * Reads and checks a configuration file.
 *
 * @throws ConfigError with every problem at once: file, line, column, found, expected.
 */
export function loadConfig(file: string, known: Known): Config {
  const lines = new LineCounter();
  const document = parseDocument(readText(file), { lineCounter: lines, uniqueKeys: true });
  const syntax = document.errors.map(({ message, pos }) => {
    const { line, col } = lines.linePos(pos[0]);
    return `${file}:${line}:${col}: ${message.split('\n')[0] ?? 'not YAML'}`;
  });
  if (syntax.length > 0) throw new ConfigError(file, [...new Set(syntax)]);

  const content: unknown = document.toJS({ maxAliasCount: 50 });
  const schema = schemaWith(known.channels ?? []);
  const parsed = schema.safeParse(content);
  const secrets = new SecretFiles(dirname(resolve(file)));
  const regions = parsed.success ? parsed.data.regions : [];
  const read = regions.map((region, index) =>
    toRegion(region, (path, name) => secrets.read(['regions', index, ...path], name)),
  );
  const alerting = parsed.success
    ? alertingOf(parsed.data.alerting, known, secrets, dirname(resolve(file)))
    : undefined;
  const problems = [
    ...(parsed.success ? [] : shapeProblems(schema, parsed.error, content)),
    ...crossProblems(content, known),
    ...(parsed.success ? [] : missingFiles(content, known, secrets)),
    ...secrets.problems,
  ];
  if (problems.length > 0 || !parsed.success)
    throw new ConfigError(file, describe(file, problems, new Locator(document, lines)));
  return {
    file,
    listen: parsed.data.listen,
    regions: read,
    checks: parsed.data.checks,
    ...(alerting !== undefined && { alerting }),
  };
}

/** The files that are not there, of those that this process would read. */
const missingFiles = (content: unknown, known: Known, secrets: SecretFiles): readonly Problem[] =>
  secrets
    .missing(content)
    .filter(({ path: [section] }) => known.alerting !== 'unused' || section !== 'alerting');

function alertingOf(
  raw: unknown,
  known: Known,
  secrets: SecretFiles,
  folder: string,
): Alerting | undefined {
  if (raw === undefined || known.alerting === 'unused') return undefined;
  const alerting = toAlerting(
    // Its schema is put together at run time, so that the compiler knows the common part only.
    raw as RawAlerting & Readonly<Record<string, unknown>>,
    (known.channels ?? []).map(({ name }) => name),
    (path, file) => secrets.read(['alerting', ...path], file),
  );
  // systemd names the folder that it made for the service.
  const given = alerting.state ?? process.env['STATE_DIRECTORY'] ?? STATE;
  return { ...alerting, state: resolve(folder, given) };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(file, [`cannot be read: ${(error as Error).message}`]);
  }
}
