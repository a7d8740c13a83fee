import { userInfo } from 'node:os';
import type { AlertView } from '../runtime/api-views.ts';
import { alertLines } from './alert-lines.ts';
import { ask } from './client.ts';
import { UsageError } from './exit.ts';
import { setup } from './setup.ts';

interface Options {
  readonly config?: string;
  readonly region?: string;
  readonly for?: string;
  readonly by?: string;
  readonly undo?: boolean;
}

/** By which way it was done, for those who read it. */
export const VIA = 'command line';

interface Done {
  readonly alerts: readonly AlertView[];
  readonly trouble?: string;
}

/** `maasha ack WHAT`: somebody takes care of it, or (`--undo`) nobody does any more. */
export async function ack(what: string, options: Options): Promise<void> {
  const undo = options.undo === true;
  if (undo && options.for !== undefined)
    throw new UsageError('--for says how long it is acknowledged: not with --undo');
  const { config } = await setup(options.config);
  const { alerts, trouble } = await ask<Done>(config, {
    method: 'POST',
    path: undo ? '/api/unack' : '/api/ack',
    body: {
      what,
      by: authorOf(options.by),
      via: VIA,
      ...(options.region !== undefined && { region: options.region }),
      ...(options.for !== undefined && { for: options.for }),
    },
  });
  const at = new Date().toISOString();
  const done = undo ? 'nobody takes care any more of' : 'acknowledged';
  process.stdout.write(`${[done, ...alertLines(alerts, at)].join('\n')}\n`);
  warn(trouble);
}

/** Who does it: the person behind sudo, not root. */
export const authorOf = (given: string | undefined): string =>
  [given, process.env['SUDO_USER'], process.env['USER'], userInfo().username].find(
    (name) => name !== undefined && name !== '',
  ) ?? 'somebody';

/** What was done is not durable. */
export function warn(trouble: string | undefined): void {
  if (trouble !== undefined)
    process.stderr.write(`maasha: it is done, but a restart forgets it: ${trouble}\n`);
}
