import type { Command, Option } from 'commander';
import { VERSION } from '../core/version.ts';
import type { Artifact } from '../generate/declared.ts';
import { manPage, type ManCommand } from '../generate/man.ts';

/* The man page follows from the definition of the commands. */

const PATH = 'src/packaging/maasha.1';

/** What `--help` says after the options. */
function notesOf(command: Command): string {
  let said = '';
  const before = command.configureOutput();
  command.configureOutput({
    ...before,
    writeOut: (text) => {
      said += text;
    },
  });
  command.outputHelp();
  command.configureOutput(before);
  return said.slice(command.helpInformation().length).trim();
}

const choicesOf = ({ argChoices, defaultValue }: Option): string =>
  [
    ...(argChoices === undefined ? [] : [`one of ${argChoices.join(', ')}`]),
    ...(typeof defaultValue === 'string' ? [`${defaultValue} if not given`] : []),
  ].join('; ');

const describe = (option: Option): string => {
  const more = choicesOf(option);
  return option.description + (more === '' ? '' : ` (${more})`);
};

/** A command as the manual shows it. */
const commandOf = (command: Command): ManCommand => ({
  name: command.name(),
  usage: `maasha ${command.name()} ${command.usage()}`,
  about: command.description(),
  options: command.options.map((option) => ({ term: option.flags, means: describe(option) })),
  notes: notesOf(command),
});

/** maasha(1) of all commands of a program, in the order in which its help lists them. */
export const manualOf = (program: Command): Artifact => ({
  path: PATH,
  text: manPage({
    version: VERSION,
    about: program.description(),
    commands: program.commands.map(commandOf),
  }),
});
