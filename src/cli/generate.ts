import type { Command } from 'commander';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { closest } from '../config/closest.ts';
import { findConfig, type Config } from '../config/load.ts';
import type { Check } from '../core/check.ts';
import { artifacts, DELIVERED, FOLDERS, GENERATORS } from '../generate/artifacts.ts';
import type { Artifact, Settings } from '../generate/declared.ts';
import { loadChecks } from '../runtime/catalogue.ts';
import { EXIT, UsageError } from './exit.ts';
import { driftOf, mend } from './generated-files.ts';
import { compared, refusal, written, type Refusal, type Report } from './generate-words.ts';
import { setup } from './setup.ts';

const MAN = 'man';

interface Options {
  readonly check?: boolean;
  readonly output?: string;
  readonly config?: string;
  readonly publicUrl?: string;
  readonly grafanaUrl?: string;
  readonly json?: boolean;
}

/** What all generators together need. */
interface Sources {
  readonly checks: readonly Check[];
  readonly settings: Settings;
  readonly program: Command;
}

/** What is generated from, and where to. */
interface Job {
  readonly root: string;
  readonly checks: readonly Check[];
  readonly settings: Settings;
  /** One line on what it was made from. */
  readonly source: string;
}

/**
 * `maasha generate`: writes what follows from the declarations, or with `--check` says where the files
 * are not that, and exits with 1. Without `--output` it is about the files of the repository, which never depend on
 * a configuration that happens to be there.
 */
export async function generate(
  what: readonly string[],
  options: Options,
  program: Command,
): Promise<void> {
  const names = chosen(what);
  const job =
    options.output === undefined ? ofRepository(options) : ofSite(options.output, options);
  const { root, checks, settings, source } = await job;
  const { made, refused } = await make(names, { checks, settings, program });
  const folders = names
    .filter((name) => !refused.some(({ generator }) => generator === name))
    .flatMap((name) => FOLDERS[name] ?? []);
  const drift = driftOf(made, root, folders);
  const report: Report = { root, source, files: made.length, drift, refused };
  if (options.check !== true) {
    if (refused.length > 0)
      throw new UsageError(`nothing was written\n${refused.map(refusal).join('\n')}`);
    mend(drift, made, root);
  } else if (drift.length + refused.length > 0) process.exitCode = EXIT.warning;
  process.stdout.write(textOf(report, what, options));
}

function textOf(report: Report, what: readonly string[], options: Options): string {
  if (options.json === true) return `${JSON.stringify(report, null, 2)}\n`;
  return options.check === true ? compared(report, mendedBy(what, options)) : written(report);
}

/** The generators that were asked for; all, if none is named. @throws UsageError for another word. */
function chosen(what: readonly string[]): readonly string[] {
  const known = [...Object.keys(GENERATORS), MAN];
  const wrong = what.find((name) => !known.includes(name));
  if (wrong !== undefined)
    throw new UsageError(
      `nothing is generated under the name "${wrong}", expected one of ${known.join(', ')}${closest(wrong, known)}`,
    );
  return what.length === 0 ? known : [...new Set(what)];
}

/** What each generator makes, or why it makes nothing. Long work is told of while it goes on. */
async function make(
  names: readonly string[],
  from: Sources,
): Promise<{ readonly made: readonly Artifact[]; readonly refused: readonly Refusal[] }> {
  const since = performance.now();
  const made: Artifact[] = [];
  const refused: Refusal[] = [];
  for (const generator of names) {
    if (performance.now() - since > 2000)
      process.stderr.write(`maasha: generating ${generator} …\n`);
    try {
      made.push(...(await madeBy(generator, from)));
    } catch (error) {
      // What the declarations lack is told in words, and of all generators at once.
      if (!(error instanceof Error) || error instanceof TypeError) throw error;
      refused.push({ generator, why: error.message });
    }
  }
  return { made, refused };
}

/** The man page follows from the commands, all others from the checks. */
async function madeBy(
  generator: string,
  { checks, settings, program }: Sources,
): Promise<readonly Artifact[]> {
  if (generator !== MAN) return artifacts([generator], Promise.resolve(checks), settings);
  // A site has the one that came with the package.
  if (settings !== DELIVERED) return [];
  return [(await import('./manual.ts')).manualOf(program)];
}

// Sources stand beside this file's folder, or one level above what the compiler made of them.
const ROOT = ['../../', '../../../']
  .map((place) => fileURLToPath(new URL(place, import.meta.url)))
  .find((place) => existsSync(join(place, 'package.json')));

async function ofRepository(options: Options): Promise<Job> {
  const given = (['config', 'publicUrl', 'grafanaUrl'] as const).find(
    (option) => options[option] !== undefined,
  );
  if (given !== undefined)
    throw new UsageError(
      `--${given.replace('Url', '-url')} is about a site: say with --output DIR where its files go (those of the repository depend on no site)`,
    );
  if (ROOT === undefined || !existsSync(join(ROOT, 'src/generate')))
    throw new UsageError(
      'this installation holds no sources whose files could be generated: say with --output DIR where to',
    );
  if (options.check !== true) mustBeWritable(ROOT);
  const source = 'the catalogue as it is delivered';
  return { root: ROOT, checks: await loadChecks(), settings: DELIVERED, source };
}

function mustBeWritable(root: string): void {
  try {
    accessSync(root, constants.W_OK);
  } catch {
    throw new UsageError(
      `${root} cannot be written by this user: say with --output DIR where to generate`,
    );
  }
}

async function ofSite(output: string, options: Options): Promise<Job> {
  const root = resolve(output);
  if (existsSync(root) && !statSync(root).isDirectory())
    throw new UsageError(`--output ${output}: it is a file, expected a folder`);
  const file = findConfig(options.config);
  if (file === undefined) {
    const source = 'the catalogue as it is delivered (no configuration was found)';
    return { root, checks: await loadChecks(), settings: settingsOf(options), source };
  }
  const { checks, config } = await setup(file);
  return { root, checks, settings: settingsOf(options, config), source: file };
}

/** What the call says about the site goes before what its configuration says. */
function settingsOf({ publicUrl, grafanaUrl }: Options, config?: Config): Settings {
  const { alerting, regions = [] } = config ?? {};
  const monitor = url('--public-url', publicUrl) ?? alerting?.publicUrl;
  if (monitor === undefined)
    process.stderr.write(
      `maasha: how people reach the monitor is not known (--public-url, alerting.public_url): links to runbooks lead to ${DELIVERED.publicUrl}\n`,
    );
  const grafana = url('--grafana-url', grafanaUrl) ?? grafanaOf(alerting?.dashboardUrl);
  return {
    publicUrl: monitor ?? DELIVERED.publicUrl,
    grafanaUrl: grafana ?? DELIVERED.grafanaUrl,
    regions,
  };
}

/** What the reader of a comparison is to do. */
function mendedBy(what: readonly string[], { output }: Options): string {
  if (output !== undefined) return 'the same command without --check';
  return ['npm run generate', ...(what.length === 0 ? [] : ['--', ...what])].join(' ');
}

/** An address without a slash at the end. @throws UsageError when it is none. */
function url(option: string, given: string | undefined): string | undefined {
  if (given === undefined) return undefined;
  if (!/^https?:\/\/[^/\s]+/.test(given) || !URL.canParse(given))
    throw new UsageError(`${option} ${given}: expected an address such as ${DELIVERED.publicUrl}`);
  return given.replace(/\/+$/, '');
}

/** Where Grafana is, if this leads to one of its dashboards. */
const grafanaOf = (dashboard: string | undefined): string | undefined =>
  dashboard?.replace(/\/d\/.*$/, '').replace(/\/+$/, '');
