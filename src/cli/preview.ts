import { writeFileSync } from 'node:fs';
import { alertEvent } from '../../alerts/notifiers/http/cloud-event.ts';
import type { Notice } from '../../alerts/notice.ts';
import type { Channel, Parcel, Thread } from '../../alerts/notifier.ts';
import { messageOf } from '../../alerts/render/email-message.ts';
import { sendingTo } from '../../alerts/render/slack-delivery.ts';
import { findConfig } from '../config/load.ts';
import type { ChannelConfig } from '../config/alerting.ts';
import { printable } from '../core/printable.ts';
import type { Region } from '../core/region.ts';
import { systemClock } from '../io/clock.ts';
import { loadChecks } from '../runtime/catalogue.ts';
import { runbookNames } from '../runtime/runbooks.ts';
import { EXAMPLE_REGION, exampleNotice } from './example-notice.ts';
import { UsageError } from './exit.ts';
import { chosenRegions, setup } from './setup.ts';

/* Prints the exact message that a channel would be sent about an alert, with made-up facts. */

interface Options {
  readonly config?: string;
  readonly region?: string;
  /** A file, or `-` for the terminal. */
  readonly preview: string;
  readonly alert?: string;
}

/** What a message depends on besides the notice. */
interface Frame {
  readonly monitor: string;
  /** The configured channel; absent: as it is without one. */
  readonly channel?: ChannelConfig;
}

const RENDER: Readonly<
  Record<string, (parcel: Parcel, thread: Thread, frame: Frame) => string | Promise<string>>
> = { slack, email, webhook, console: terminal };

export async function preview(names: readonly string[], options: Options): Promise<void> {
  const [name, second] = names;
  if (name === undefined || second !== undefined)
    throw new UsageError(
      `one channel: maasha notify-test slack --preview - --alert MaasHaVipUnreachable`,
    );
  const { region, frame, kind } = await siteOf(name, options);
  const render = Object.hasOwn(RENDER, kind) ? RENDER[kind] : undefined;
  if (render === undefined)
    throw new UsageError(
      `there is no preview for ${printable(name)}; there is one for ${Object.keys(RENDER).join(', ')}`,
    );
  const notice = await noticeFor(options.alert ?? 'MaasHaVipUnreachable', region);
  const { id: episode } = notice.episode;
  const parcel = { id: `${episode}/${name}/open/1`, notice };
  const text = await render(parcel, { episode, receipts: [] }, frame);
  if (options.preview === '-') process.stdout.write(text);
  else writeFileSync(options.preview, text);
}

interface Site {
  readonly region: Region;
  readonly frame: Frame;
  /** Which file in alerts/notifiers/ it is. */
  readonly kind: string;
}

/** With this site's names, if it has a configuration. */
async function siteOf(name: string, options: Options): Promise<Site> {
  if (findConfig(options.config) === undefined)
    return { region: EXAMPLE_REGION, frame: { monitor: 'maasha' }, kind: name };
  const ready = await setup(options.config);
  const { alerting } = ready.config;
  const [region = EXAMPLE_REGION] = chosenRegions(ready, options.region);
  const channel = alerting?.channels.find((each) => each.name === name);
  return {
    region,
    frame: {
      monitor: alerting?.monitor ?? 'maasha',
      ...(channel !== undefined && { channel }),
    },
    kind: channel?.notifier ?? name,
  };
}

async function noticeFor(alert: string, region: Region): Promise<Notice> {
  const rules = (await loadChecks()).flatMap((check) => check.rules);
  const rule = rules.find((each) => each.name === alert);
  if (rule === undefined)
    throw new UsageError(
      `no alert is named ${printable(alert)}; there is ${runbookNames().join(', ')}`,
    );
  return exampleNotice(rule, rules, region, systemClock.now());
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

const setting = ({ channel }: Frame, key: string): string | undefined => {
  const found = channel?.settings[key];
  return typeof found === 'string' ? found : undefined;
};

/** What Slack's Web API is given; nothing is called. */
async function slack(parcel: Parcel, thread: Thread, frame: Frame): Promise<string> {
  const calls: unknown[] = [];
  const send: Channel['send'] = sendingTo({
    call: (method, given) => {
      calls.push({ method, ...given });
      return Promise.resolve({ is: 'ok', data: { ts: '0.000000' } });
    },
    channel: setting(frame, 'channel') ?? 'C0123456',
    setting: { monitor: frame.monitor, mention: setting(frame, 'mention') },
  });
  await send(parcel, thread, new AbortController().signal);
  return json(calls[0]);
}

/** Headers and the text part as they are sent; of the rest what there is. */
function email(parcel: Parcel, thread: Thread, frame: Frame): string {
  const to = frame.channel?.settings['to'];
  const { from, subject, messageId, headers, text, html, attachments, ...message } = messageOf(
    parcel,
    thread,
    {
      from: setting(frame, 'from') ?? 'maasha@example.org',
      to: Array.isArray(to) ? to.map(String) : ['ops@example.org'],
      monitor: frame.monitor,
      now: systemClock.now(),
    },
  );
  const head = [
    `From: "${from.name}" <${from.address}>`,
    `To: ${message.to.join(', ')}`,
    `Subject: ${subject}`,
    `Date: ${message.date}`,
    `Message-ID: ${messageId}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  const rest = [
    `(HTML part: ${html.length} characters)`,
    ...attachments.map((each) => `(attached: ${each.filename}, ${each.contentType})`),
  ];
  return `${head.join('\n')}\n\n${text.trimEnd()}\n\n${rest.join('\n')}\n`;
}

function webhook({ id, notice }: Parcel, _: Thread, { monitor }: Frame): string {
  return json(alertEvent(id, notice, monitor));
}

async function terminal(parcel: Parcel, thread: Thread, frame: Frame): Promise<string> {
  const { default: notifier } = await import('../../alerts/notifiers/console.ts');
  const lines: string[] = [];
  const channel = notifier.open(
    {},
    {
      channel: 'console',
      clock: systemClock,
      monitor: frame.monitor,
      secret: () => undefined,
      print: (line) => {
        lines.push(line);
      },
    },
  );
  if (channel.is === 'channel') await channel.send(parcel, thread, new AbortController().signal);
  return `${lines.join('\n')}\n`;
}
