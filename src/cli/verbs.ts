import type { Command } from 'commander';
import type { DiscoverOptions } from './discover-options.ts';

/* What an operator does about alerts. Each verb is imported only when it is called. */

/** What a verb's own file reads out of its options. */
type Options = Record<string, never>;

export const examples = (...lines: readonly string[]): string =>
  `\n${lines.length === 1 ? 'Example:' : 'Examples:'}\n${lines.map((line) => `  ${line}`).join('\n')}`;

const WHAT = `
WHAT is an alert's name, an episode's id or its last six characters, or a fingerprint.`;

/** Adds the verbs; `withConfig` gives a command the option of the configuration's file. */
export function addVerbs(program: Command, withConfig: (command: Command) => Command): void {
  addLooks(program, withConfig);
  addDeeds(program, withConfig);
  addTrial(program, withConfig);
  addReplay(program, withConfig);
  addGenerate(program, withConfig);
  addDiscover(program);
}

function addLooks(program: Command, withConfig: (command: Command) => Command): void {
  withConfig(program.command('alerts'))
    .description('the alerts that go on and those that have lately ended; who was told of each')
    .option('-a, --all', 'also what is bad, but not yet for long enough')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Asks the monitor that runs; while none does, reads its store and says so.
Exits with 0 whatever it shows: it is maasha check that judges.
${examples('maasha alerts', 'maasha alerts --all --json')}`,
    )
    .action(async (options: Options) => {
      const { alerts } = await import('./alerts.ts');
      await alerts(options);
    });

  withConfig(program.command('explain <what>'))
    .description('why an alert was told, held, folded or not told: from the journal')
    .option('-r, --region <name>', 'only in this region')
    .option('-n, --most <count>', 'journal lines of each alert', '50')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `${WHAT}\n${examples('maasha explain MaasHaNodeDown', 'maasha explain 7F2ABC --most 200')}`,
    )
    .action(async (what: string, options: Options) => {
      const { explain } = await import('./explain.ts');
      await explain(what, options);
    });
}

function addReplay(program: Command, withConfig: (command: Command) => Command): void {
  withConfig(program.command('replay <file>'))
    .description('run recorded results through the rules of today: what would have been sent')
    .option('--json', 'as JSON')
    .addHelpText('after', examples('maasha replay incident.jsonl'))
    .action(async (file: string, options: Options) => {
      const { replay } = await import('./replay.ts');
      await replay(file, options);
    });
}

function addDeeds(program: Command, withConfig: (command: Command) => Command): void {
  withConfig(program.command('ack <what>'))
    .description('take care of an alert: it escalates no further')
    .option('-r, --region <name>', 'only in this region')
    .option('-f, --for <duration>', 'for how long (a week at most); until it ends, if not given')
    .option('-b, --by <name>', 'who; $SUDO_USER or $USER, if not given')
    .option('-u, --undo', 'nobody takes care of it any more')
    .addHelpText(
      'after',
      `${WHAT} A name takes all alerts of that name.
${examples('maasha ack MaasHaNodeDown --for 2h', 'maasha ack 7F2ABC --undo')}`,
    )
    .action(async (what: string, options: Options) => {
      const { ack } = await import('./ack.ts');
      await ack(what, options);
    });

  withConfig(program.command('silence [what]'))
    .description('hear nothing of alerts for some time; or list what is silenced, or end it')
    .option('-f, --for <duration>', 'for how long')
    .option('--reason <text>', 'why: whoever finds it must know')
    .option('--rule <alert>', 'all alerts of this name')
    .option('-l, --label <name=value...>', 'only what has these labels')
    .option('-r, --region <name>', 'only in this region')
    .option('-b, --by <name>', 'who; $SUDO_USER or $USER, if not given')
    .option('--list', 'the silences, and the maintenance windows')
    .option('--end <id>', 'end a silence before its time')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `${WHAT} Its silence ends with the episode.
The longest is 24h for what hides a critical alert, 7d for a warning, 30d for an info. Data that may be
doubled, and a monitor that is cut off, are hidden only by name, for 1h at most.
${examples(
  'maasha silence 7F2ABC --for 1h --reason "rc2 gets a new disk"',
  'maasha silence --label node=rc2 --for 2h --reason "rc2 gets a new disk"',
  'maasha silence --list',
)}`,
    )
    .action(async (what: string | undefined, options: Options) => {
      const { silence } = await import('./silence.ts');
      await silence(what, options);
    });
}

function addTrial(program: Command, withConfig: (command: Command) => Command): void {
  withConfig(program.command('notify-test [channels...]'))
    .description('prove the channels (all, if none is named) and send each a message that says so')
    .option('--only-check', 'prove what can be proven without telling anybody')
    .option(
      '--preview <file>',
      'send nothing: write what would be sent about an alert; - prints it',
    )
    .option('--alert <name>', 'the alert that --preview is about')
    .option('-r, --region <name>', 'the region that --preview is about')
    .addHelpText(
      'after',
      `
Opens the channels in this process: it needs no monitor that runs. Exits with 2 when one fails.
${examples(
  'maasha notify-test',
  'maasha notify-test slack --only-check',
  'maasha notify-test slack --preview - --alert MaasHaVipUnreachable',
)}`,
    )
    .action(async (channels: string[], options: Options) => {
      const { notifyTest } = await import('./notify-test.ts');
      await notifyTest(channels, options);
    });
}

function addGenerate(program: Command, withConfig: (command: Command) => Command): void {
  withConfig(program.command('generate [what...]'))
    .description(
      'write what follows from the checks and rules: Prometheus rules, dashboards, references',
    )
    .option(
      '--check',
      'write nothing; say which files are not what would be written, and exit with 1',
    )
    .option('-o, --output <folder>', 'for a site: write below this folder')
    .option('--public-url <url>', 'with --output: how people reach the monitor')
    .option('--grafana-url <url>', 'with --output: how people reach Grafana')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
WHAT is any of rules, rule-tests, alertmanager, scrape, reference, runbooks, dashboards, provisioning and man;
all of them, if none is named.

Without --output it is about the files of this repository, and reads no configuration, wherever one lies. With
--output the configuration, if there is one, counts: its thresholds, its regions, and alerting.public_url and
alerting.dashboard_url. Files that it made once and makes no more are removed; others are left alone.
${examples(
  'maasha generate',
  'maasha generate --check',
  'maasha generate rules alertmanager --output /etc/prometheus/maasha --public-url http://monitor:9877',
)}`,
    )
    .action(async (what: string[], options: Options) => {
      const { generate } = await import('./generate.ts');
      await generate(what, options, program);
    });
}

function addDiscover(program: Command): void {
  const gather = (one: string, before: readonly string[]): readonly string[] => [...before, one];
  program
    .command('discover')
    .description('write a first maasha.yaml from what is found at the addresses that are given')
    .requiredOption('--vip <address>', 'the virtual address')
    .option('--node <name=address>', 'a region controller; once for each', gather, [])
    .option('--cluster <name=address>', 'a cluster or rack controller; once for each', gather, [])
    .option('--zone <name>', 'a zone to look for; once for each', gather, [])
    .option('--name <name>', 'what the region is to be called', 'maas')
    .option('--maas-url <url>', 'where MAAS is, if not in one of the usual places at the address')
    .option('--pcp-user <name>', 'an account of PCP')
    .option('--pcp-password-file <file>', 'the file with its password')
    .option('--postgres-user <name>', 'the monitor’s role in the database')
    .option('--postgres-password-file <file>', 'the file with its password')
    .option('--postgres-database <name>', 'MAAS’s database', 'maasdb')
    .option('-o, --output <file>', 'write there instead of to the standard output')
    .option('--force', 'replace a file that is there')
    .option('--json', 'print what was found as JSON; with --output the file is written as well')
    .addHelpText(
      'after',
      `
Asks nothing at any other address than those given; what servers name beyond them stands as a question in a
comment. It changes nothing, and writes no password: only the names of the files. Exits with 0 when all was seen,
1 when something was not (a comment says what and why), 3 when nothing answers or no node is given.
${examples(
  'maasha discover --vip 172.31.16.39 --node rc1=172.31.16.32 --node rc2=172.31.16.33 -o maasha.yaml',
)}`,
    )
    .action(async (options: DiscoverOptions) => {
      const { discover } = await import('./discover.ts');
      await discover(options);
    });
}
