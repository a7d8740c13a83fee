import type { ChannelConfig } from '../../src/config/alerting.ts';
import { Secret } from '../../src/core/secret.ts';
import type { Book } from './book.ts';
import type { ChannelName, Fault } from './script.ts';

/** How each channel is reached, as plain data for another process. */
export type Addresses = Readonly<Record<ChannelName, Readonly<Record<string, unknown>>>>;

/** All that is at the other end of the channels, and what it saw. */
export interface Ends {
  readonly book: Book;
  readonly addresses: Addresses;
  /** The next message to a channel goes wrong like this. */
  fault(fault: Fault): void;
  /** Which channels take nothing from now on. */
  outages(channels: readonly ChannelName[]): void;
  /** All is well from now on. */
  heal(): void;
  close(): Promise<void>;
}

const TOKEN = 'xoxb-valid';

export const configsOf = (addresses: Addresses): readonly ChannelConfig[] =>
  (['slack', 'email', 'alertmanager'] as const).map((name) => ({
    name,
    notifier: name,
    severity: 'warning',
    escalation: 0,
    settings: addresses[name],
    secret: (key) => (key === 'token_file' && name === 'slack' ? new Secret(TOKEN) : undefined),
  }));
