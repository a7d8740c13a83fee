import type { Severity } from '../src/core/rule.ts';
import type { Moved } from './ending.ts';
import type { Age, Alert, Followup, Standing } from './state.ts';
import type { Patience, Timers } from './timers.ts';
import type { Said } from './transition.ts';

/**
 * Reminders and escalation of an episode that people know of, that is visible and goes on.
 *
 * The clock starts when they are told (opened, reopened, shown again after a fold or a silence), when
 * it becomes more or less severe, and when it is acknowledged or is so no longer: whoever has just
 * heard of it gets the whole time. What is folded, silenced or in a maintenance window has no clock.
 * While it recovers nobody is bothered, but the clock goes on: what comes back every minute must not
 * escape escalation by getting well in between. A monitor that was down reminds once, not once for
 * each reminder missed; each level of escalation is told, for each is other people.
 */
export function followUp(alert: Standing, age: Age, timers: Timers): Moved {
  const { episode, visibility } = alert;
  if (visibility.is !== 'visible' || episode.told !== 'open')
    return { alert: startAnew(alert), said: [] };
  const before = episode.followup ?? { since: age, level: 0, reminders: 0, heardAt: age };
  // An incident is as urgent as the gravest of what people were told.
  const patience = timers.patience[toldAs(alert)];
  const levels = rests(alert) ? [] : levelsDue(alert, before, age, patience);
  const reminds = !rests(alert) && reminderDue(alert, before, age, patience);
  const followup: Followup = {
    ...before,
    level: levels.at(-1) ?? before.level,
    ...(reminds && { reminders: before.reminders + 1, heardAt: age }),
  };
  return {
    alert: { ...alert, episode: { ...episode, followup } },
    said: [
      ...levels.map((level): Said => ({
        kind: 'escalate',
        reason: 'nobody has acknowledged it',
        level,
      })),
      ...(reminds ? [reminder(alert)] : []),
    ],
  };
}

const toldAs = ({ episode: { said }, severity }: Standing): Severity => said?.gravity ?? severity;

/** The alert with its clock set back: it starts at the next decision. */
export function startAnew<Any extends Alert>(alert: Any): Any {
  const { episode } = alert;
  if (episode?.followup === undefined) return alert;
  const kept = Object.entries(episode).filter(([key]) => key !== 'followup');
  return { ...alert, episode: Object.fromEntries(kept) };
}

/** Nobody is reminded of what is about to end, or of what has a severity that they were not yet told. */
const rests = ({ condition, stability, episode, severity }: Standing): boolean =>
  (condition.is !== 'firing' && stability.is !== 'flapping') ||
  (episode.said !== undefined && episode.said.severity !== severity);

const levelsDue = (
  { ownership }: Standing,
  { since, level }: Followup,
  age: Age,
  { escalateAfter }: Patience,
): readonly number[] =>
  ownership.is === 'acked'
    ? []
    : escalateAfter.flatMap((after, index) =>
        index + 1 > level && age - since >= after ? [index + 1] : [],
      );

function reminderDue(
  { ownership }: Standing,
  { reminders, heardAt }: Followup,
  age: Age,
  { remindEvery, remindAckedEvery }: Patience,
): boolean {
  if (ownership.is === 'acked') return remindAckedEvery > 0 && age - heardAt >= remindAckedEvery;
  const wait = remindEvery[reminders] ?? remindEvery.at(-1);
  return wait !== undefined && age - heardAt >= wait;
}

const reminder = ({ ownership }: Standing): Said => ({
  kind: 'remind',
  reason:
    ownership.is === 'acked' ? 'acknowledged and still going on' : 'nobody has acknowledged it',
});
