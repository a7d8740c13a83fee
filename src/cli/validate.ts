import type { Alerting } from '../config/alerting.ts';
import { setup } from './setup.ts';

/** `maasha validate`: says that a configuration is right, or (by its error) all that is wrong with it. */
export async function validate(file: string | undefined): Promise<void> {
  const { config, checks } = await setup(file);
  const regions = config.regions.map(({ name, vip }) => `${name} (VIP ${vip})`).join(', ');
  process.stdout.write(
    `${[
      `${config.file}: valid`,
      `  regions: ${regions}`,
      `  checks:  ${checks.map(({ name }) => name).join(', ')}`,
      ...alertLines(config.alerting),
    ].join('\n')}\n`,
  );
}

const FROM = { critical: 'critical only', warning: 'warnings and critical', info: 'everything' };

/** Who is told of what, and where it is kept. */
function alertLines(alerting: Alerting | undefined): readonly string[] {
  if (alerting === undefined)
    return ['  alerts:  nobody is told (there is no section `alerting`), and nothing is kept'];
  const { channels, state, publicUrl } = alerting;
  const told = channels.map(({ name, severity, regions, escalation }) => {
    const only = regions === undefined ? '' : ` in ${regions.join(', ')}`;
    const late = escalation === 0 ? '' : `, only once escalated to ${escalation}`;
    return `${name} (${FROM[severity]}${only}${late})`;
  });
  return [
    `  alerts:  ${told.length === 0 ? 'nobody is told: no channel is configured' : told.join(', ')}`,
    `  state:   ${state ?? 'kept nowhere'}`,
    ...(publicUrl === undefined && channels.length > 0
      ? ['  note:    without `public_url` messages have no link to the runbook']
      : []),
  ];
}
