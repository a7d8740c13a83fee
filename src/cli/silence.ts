import { subjectOf } from '../../alerts/render/words.ts';
import { oneLine } from '../core/describe.ts';
import { printable } from '../core/printable.ts';
import { formatDuration, seconds } from '../core/time.ts';
import {
  silencesView,
  type SilencesView,
  type SilenceView,
  type WindowView,
} from '../runtime/api-views.ts';
import { authorOf, VIA, warn } from './ack.ts';
import { utc } from './alert-lines.ts';
import { ask } from './client.ts';
import { UsageError } from './exit.ts';
import { setup } from './setup.ts';
import { answered } from './stored.ts';

interface Options {
  readonly config?: string;
  readonly region?: string;
  readonly rule?: string;
  readonly label?: readonly string[];
  readonly for?: string;
  readonly reason?: string;
  readonly by?: string;
  readonly list?: boolean;
  readonly end?: string;
  readonly json?: boolean;
}

interface Done {
  readonly silence: SilenceView;
  readonly trouble?: string;
}

/** `maasha silence`: hides alerts for some time, lists what is hidden, or ends a silence. */
export async function silence(what: string | undefined, options: Options): Promise<void> {
  if (options.list === true) return list(options);
  if (options.end !== undefined) return end(options.end, options);
  const body = wishOf(what, options);
  const { config } = await setup(options.config);
  const made = await ask<Done>(config, { method: 'POST', path: '/api/silence', body });
  show(options, made.silence, `silenced\n${silenceLine(made.silence)}\n`);
  warn(made.trouble);
}

/** @throws UsageError when something is missing */
function wishOf(what: string | undefined, options: Options): Readonly<Record<string, unknown>> {
  const { rule, region, label, reason, for: length } = options;
  if (length === undefined || reason === undefined)
    throw new UsageError(
      'for how long, and why? maasha silence [WHAT] --for 1h --reason "rc2 gets a new disk"',
    );
  const labels = label && Object.fromEntries(label.map(pair));
  const scope = Object.entries({ what, rule, region, labels }).filter(
    ([, value]) => value !== undefined,
  );
  if (scope.length === 0)
    throw new UsageError(
      'what? WHAT is an alert that goes on; --rule, --label and --region hide others too',
    );
  return { by: authorOf(options.by), reason, for: length, ...Object.fromEntries(scope) };
}

async function list(options: Options): Promise<void> {
  const view = await answered<SilencesView>(options.config, '/api/silences', silencesView);
  show(options, view, listed(view));
}

async function end(id: string, options: Options): Promise<void> {
  const { config } = await setup(options.config);
  const { silence: ended, trouble } = await ask<Done>(config, {
    method: 'POST',
    path: '/api/unsilence',
    body: { id, by: authorOf(options.by), via: VIA },
  });
  show(options, ended, `ended\n${silenceLine(ended)}\n`);
  warn(trouble);
}

function show({ json }: Options, value: unknown, text: string): void {
  process.stdout.write(json === true ? `${JSON.stringify(value, null, 2)}\n` : text);
}

function listed({ silences, windows: { inForce, next }, at }: SilencesView): string {
  const lines = [
    silences.length === 0 ? `no silence at ${utc(at)}` : `silences at ${utc(at)}`,
    ...silences.map(silenceLine),
    ...inForce.map((window) => `maintenance now:  ${windowLine(window)}`),
    ...(next === undefined ? [] : [`maintenance next: ${windowLine(next)}`]),
  ];
  return `${lines.join('\n')}\n`;
}

function silenceLine({ short, until, left, by, reason, hides, ...scope }: SilenceView): string {
  const { rule, region, episode, labels = {} } = scope;
  const what = [
    rule ?? 'every alert that may be hidden unnamed',
    subjectOf(labels),
    episode === undefined ? '' : `episode ${episode.slice(-6)}`,
    region === undefined ? 'in every region' : `in ${region}`,
  ].filter((each) => each !== '');
  const hidden = hides.length === 0 ? 'hides nothing now' : `hides ${hides.join(', ')}`;
  return oneLine(
    `  ${short}  until ${utc(until)} (${formatDuration(seconds(left))})  ${what.join(' ')}  ${hidden}  by ${by}: ${reason}`,
  );
}

const windowLine = ({ name, region, rules, from, to }: WindowView): string =>
  oneLine(
    `${name}  ${utc(from)} to ${utc(to)}  ${rules?.join(', ') ?? 'every alert that may be hidden unnamed'}  ${region === undefined ? 'in every region' : `in ${region}`}`,
  );

function pair(text: string): readonly [string, string] {
  const [, name, value] = /^([a-z_]+)=(.+)$/.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new UsageError(`--label ${printable(text)}: expected NAME=VALUE, such as node=rc2`);
  return [name, value];
}
