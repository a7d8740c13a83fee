import { constants, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import alertmanager from '../../alerts/notifiers/alertmanager.ts';
import email from '../../alerts/notifiers/email.ts';
import slack from '../../alerts/notifiers/slack.ts';
import type { Notifier } from '../../alerts/notifier.ts';
import { configsOf, type Addresses } from './ends.ts';
import { mutants } from './mutants.ts';
import type { LifeParts } from './play.ts';
import { Stage, type Act, type Standing } from './stage.ts';

/*
 * The monitor as a process that can be killed: the real alerting with its real store and channels, on
 * a clock that its parent moves. Its parent reads that clock from the file `clock` in its folder, so
 * that it shows the right time even when the process is gone.
 */

/** What the parent says. */
export type Order =
  | {
      readonly is: 'start';
      readonly parts: LifeParts;
      readonly addresses: Addresses;
      readonly mutant?: string;
    }
  | { readonly is: 'act'; readonly act: Act }
  | { readonly is: 'hung'; readonly channel: string }
  | { readonly is: 'stop' };

/** What the child says. */
export type Report =
  | { readonly is: 'done'; readonly standing?: Standing }
  | { readonly is: 'failed'; readonly words: string }
  | { readonly is: 'defect'; readonly words: string };

const NOTIFIERS = [slack, email, alertmanager] as readonly unknown[] as readonly Notifier[];

let stage: Stage | undefined;

const say = (report: Report): void => {
  process.send?.(report);
};

async function obey(order: Exclude<Order, { is: 'hung' }>): Promise<Standing | undefined> {
  switch (order.is) {
    case 'start':
      stage = open(order);
      return stage.open();
    case 'act':
      return stage?.perform(order.act);
    case 'stop':
      await stage?.stop();
      process.disconnect();
      return undefined;
  }
}

function open({ parts, addresses, mutant }: Extract<Order, { is: 'start' }>): Stage {
  const clock = openSync(join(parts.folder, 'clock'), constants.O_RDWR | constants.O_CREAT);
  const shown = new Float64Array(1);
  return new Stage({
    ...parts,
    channels: configsOf(addresses),
    notifiers: NOTIFIERS,
    mutant: mutants().find(({ name }) => name === mutant),
    die: () => {
      process.kill(process.pid, 'SIGKILL');
    },
    onTime: (at) => {
      shown[0] = at;
      writeSync(clock, shown, 0, 8, 0);
    },
    onError: (words) => {
      say({ is: 'defect', words });
    },
  });
}

process.on('message', (order: Order) => {
  if (order.is === 'hung') {
    stage?.hung(order.channel);
    return;
  }
  obey(order).then(
    (standing) => {
      if (order.is !== 'stop') say({ is: 'done', ...(standing !== undefined && { standing }) });
    },
    (error: unknown) => {
      say({ is: 'failed', words: error instanceof Error ? (error.stack ?? '') : String(error) });
    },
  );
});
