import { Command, Option } from 'commander';
import { VERSION } from '../core/version.ts';
import { addVerbs, examples } from './verbs.ts';

/**
 * maasha: one file a sub-command, imported only when it is called, because start-up is most of the
 * time that a one-off command takes. The man page is made from it.
 */
export const program = new Command('maasha')
  .description(
    'Watches a highly available MAAS region: is it up, and would it survive one more failure?',
  )
  .version(VERSION)
  .exitOverride()
  .showHelpAfterError('(maasha --help tells more)')
  .addHelpText(
    'after',
    `
Configuration: --config FILE, else $MAASHA_CONFIG, else ./maasha.yaml, else /etc/maasha/maasha.yaml
State:         alerting: state: of the configuration, else $STATE_DIRECTORY, else maasha-state beside the configuration
Environment:   MAASHA_CONFIG, STATE_DIRECTORY, NO_COLOR; SUDO_USER or USER for who acknowledges
Exit codes:    0 ok   1 warning   2 critical, or a mistake in the call or the configuration   3 unknown
See also:      maasha help COMMAND, man maasha, systemctl status maasha`,
  );

interface RunOptions {
  readonly config?: string;
  readonly log: 'human' | 'json';
  readonly dryRun?: boolean;
  readonly probeOnly?: boolean;
}

const withConfig = (command: Command): Command =>
  command.option('-c, --config <file>', 'the configuration file');

withConfig(program.command('run'))
  .description(
    'watch: run all checks on their schedules and serve /metrics, /probe and the status page',
  )
  .addOption(
    new Option('--log <format>', 'how to tell what happens')
      .choices(['human', 'json'])
      .default('human'),
  )
  .option('--dry-run', 'tell nobody and keep nothing: print what would be sent')
  .addOption(
    new Option(
      '--probe-only',
      'answer /probe and nothing else: no schedule, no alerts, nothing stored',
    ).conflicts('dryRun'),
  )
  .addHelpText(
    'after',
    `
With --probe-only Prometheus has the schedule: it finds its targets at /sd, asks each at /probe as often as its
check says, and evaluates the generated rules. Results stay in memory only; alerting: is not used.

SIGHUP reads the configuration again; one with mistakes changes nothing. SIGTERM and SIGINT end it, with 0.
${examples('maasha run --config /etc/maasha/maasha.yaml', 'maasha run --dry-run', 'maasha run --probe-only --log json')}`,
  )
  .action(async ({ probeOnly, ...options }: RunOptions) => {
    if (probeOnly === true) await (await import('./run-probe-only.ts')).runProbeOnly(options);
    else await (await import('./run.ts')).run(options);
  });

withConfig(program.command('check [names...]'))
  .description(
    'look once: run the named checks (all, if none is named) and exit with the worst state',
  )
  .option('-r, --region <name>', 'only this region')
  .addOption(
    new Option('-f, --format <format>', 'how to show the results')
      .choices(['human', 'json', 'nagios'])
      .default('human'),
  )
  .option('-e, --explain', 'also show all that was seen')
  .option('-w, --watch [seconds]', 'look again and again, until interrupted')
  .option('--emit <url>', 'also push the result to the monitor that runs there')
  .option('--as <name>', 'with --emit: the fact that it is ({ pushed: NAME } of the monitor)')
  .option('--token-file <file>', "with --emit: the file with the monitor's token")
  .addHelpText(
    'after',
    `
A check that is named, and has nothing to look at in a region, is shown as skipped with the reason. Where
nothing else was looked at, that exits with 0, as nobody's problem; with --format nagios it is UNKNOWN (3),
because a service there that is checked by it would be green and mean nothing.

With --emit it is run on a node of the region, by cron, and looks from there: \`maasha check fencing --emit
http://MONITOR:9877\` tries as the account that runs it whether this node reaches the database while it is the
passive one. It exits as it does without; with 3 when the monitor could not be told.
${examples('maasha check', 'maasha check vip pgpool-watchdog --region maas3 --explain', 'maasha check dns-serial --format nagios', 'maasha check vip-owner --watch 5')}`,
  )
  .action(async (names: string[], options: Record<string, never>) => {
    const { check } = await import('./check.ts');
    await check(names, options);
  });

withConfig(program.command('status'))
  .description(
    'the whole region on one screen: who holds what, and whether one more failure is survivable',
  )
  .option('-r, --region <name>', 'only this region')
  .option('--json', 'as JSON')
  .addHelpText('after', examples('maasha status', 'maasha status --region maas3 --json'))
  .action(async (options: Record<string, never>) => {
    const { status } = await import('./status.ts');
    await status(options);
  });

withConfig(program.command('list'))
  .description('the checks: what each looks at, how often, and which alerts it knows')
  .option('-r, --region <name>', 'which of them exist in this region, and why the others do not')
  .option('--json', 'as JSON')
  .addHelpText('after', examples('maasha list', 'maasha list --region maas3'))
  .action(async (options: Record<string, never>) => {
    const { list } = await import('./list.ts');
    await list(options);
  });

withConfig(program.command('runbook [alert]'))
  .description(
    'what to do about an alert, for this region and this moment; without a name: which there are',
  )
  .option('-r, --region <name>', 'the region that it is about')
  .option('-s, --set <fact...>', 'what you found out yourself, such as primary=rc1')
  .option('--no-look', 'do not look at the region first')
  .option('--raw', 'as it is written')
  .addHelpText(
    'after',
    examples(
      'maasha runbook',
      'maasha runbook MaasHaTwoPrimaries --region maas3',
      'maasha runbook MaasHaPostgresDown --no-look --set primary=rc1',
    ),
  )
  .action(async (alert: string | undefined, options: Record<string, never>) => {
    const { runbook } = await import('./runbook.ts');
    await runbook(alert, options);
  });

addVerbs(program, withConfig);

withConfig(program.command('validate [file]'))
  .description('read the configuration and report every mistake in it')
  .option('--online', 'also look what the configured accounts may see, and print what is missing')
  .option('-r, --region <name>', 'with --online: only this region')
  .option('--json', 'with --online: as JSON')
  .addHelpText(
    'after',
    `
With --online it asks every server once, with the accounts of the configuration, and changes nothing. It prints
the exact grants, lines and capabilities that are missing, host by host. It exits with 0 when everything may be
seen, 1 when something optional may not, 3 when something that is needed may not, or cannot be found out.
Without it: 0, or 2 with every mistake, its file and its line.
${examples('maasha validate', 'maasha validate new.yaml', 'maasha validate --online --region maas3')}`,
  )
  .action(async (file: string | undefined, options: Record<string, never>) => {
    const { validate } = await import('./validate.ts');
    await validate(file, options);
  });
