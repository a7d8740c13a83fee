import type { Alerting } from '../config/alerting.ts';
import { UsageError } from './exit.ts';
import { setup } from './setup.ts';

interface Options {
  readonly config?: string;
  readonly online?: boolean;
  readonly region?: string;
  readonly json?: boolean;
}

/**
 * `maasha validate`: says that a configuration is right, or (by its error) all that is wrong with it; and
 * online what the accounts in it may see.
 */
export async function validate(given: string | undefined, options: Options): Promise<void> {
  const file = given ?? options.config;
  const { online = false, region, json = false } = options;
  if (!online && (region !== undefined || json))
    throw new UsageError('--region and --json go with --online');
  if (!online || !json) await validateFile(file);
  if (!online) return;
  const { validateOnline } = await import('./validate-online.ts');
  await validateOnline({ json, config: file, region });
}

async function validateFile(file: string | undefined): Promise<void> {
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
