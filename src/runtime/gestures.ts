import { seconds } from '../core/time.ts';
import { acknowledge, CommandError, silence, standing } from './alert-commands.ts';
import type { Alerting } from './alerting.ts';

const SILENCE = seconds(3600);

/** Does what people asked for in the channels, by a reaction to a message. */
export async function heedGestures(alerting: Alerting): Promise<void> {
  const unowned = standing(alerting).filter(({ alert }) => alert.ownership.is === 'unacked');
  const gestures = await alerting.channels.gestures(unowned.map(({ alert }) => alert.episode.id));
  for (const { episode, does, by, channel } of gestures) {
    const found = unowned.find(({ alert }) => alert.episode.id === episode);
    if (found === undefined) continue;
    if (does === 'acknowledge') acknowledge(alerting, found, { by, via: channel });
    else if (found.alert.visibility.is !== 'silenced')
      trySilence(alerting, found.region, episode, by, channel);
  }
}

/** A silence that may not be is left out: its author sees that the alert goes on. */
function trySilence(
  alerting: Alerting,
  region: string,
  episode: string,
  by: string,
  channel: string,
): void {
  try {
    const reason = `by a reaction in ${channel}`;
    silence(alerting, { by, reason, lasts: SILENCE, region, episode });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
  }
}
