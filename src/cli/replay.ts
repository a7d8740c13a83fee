import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { oneLine } from '../core/describe.ts';
import { formatDuration, isoTime, seconds, type Instant } from '../core/time.ts';
import { replay as run } from '../runtime/replay.ts';
import { UsageError } from './exit.ts';
import { setup } from './setup.ts';

interface Options {
  readonly config?: string;
  readonly json?: boolean;
}

/** `maasha replay FILE`: a recorded incident through today's rules; what would have been sent, to whom and when. */
export async function replay(file: string, options: Options): Promise<void> {
  if (!existsSync(file)) throw new UsageError(`${file}: there is no such file`);
  const { config, checks, notifiers } = await setup(options.config);
  if ((config.alerting?.channels ?? []).length === 0)
    throw new UsageError(
      `${config.file} configures no channel under \`alerting:\`, so nobody would have been told`,
    );
  const told: { readonly at: string; readonly says: string }[] = [];
  const replayed = await run(await linesOf(file), config, checks, notifiers, {
    tell: (says, at: Instant) => {
      told.push({ at: isoTime(at), says: oneLine(says) });
      if (options.json !== true) process.stdout.write(`${isoTime(at)}  ${oneLine(says)}\n`);
    },
    progress: progressOn(process.stderr),
  });
  const { results, strange, from, to } = replayed;
  if (options.json === true) {
    process.stdout.write(
      `${JSON.stringify({ results, strange, from: isoTime(from), to: isoTime(to), told }, null, 2)}\n`,
    );
    return;
  }
  const other = strange === 0 ? '' : `; ${strange} lines are about what is not configured now`;
  process.stdout.write(
    `${told.length} messages from ${results} results in ${formatDuration(seconds((to - from) / 1000))} (${isoTime(from)} to ${isoTime(to)})${other}\n`,
  );
}

async function linesOf(file: string): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: createReadStream(file) })) lines.push(line);
  return lines;
}

/** Says how far it is, where a person looks on. */
const progressOn =
  (stream: NodeJS.WriteStream) =>
  (lines: number): void => {
    if (stream.isTTY && lines % 500 === 0) stream.write(`\r${lines} lines\r`);
  };
