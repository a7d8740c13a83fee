const QUOTED = /'[^']*'|"(?:\\.|[^"\\])*"/g;

/** What a shell command starts: the program of each part of a pipe or list, behind sudo and timeout. */
export const programsOf = (command: string): readonly string[] =>
  command
    .replaceAll(QUOTED, 'text')
    .split(/\|\|?|&&|;|\$\(/)
    .map((part) =>
      part
        .trim()
        .replace(/^timeout \d+ /, '')
        .replace(/^sudo (-u \w+ )?/, ''),
    )
    .map((part) => part.split(' ')[0] ?? '');

/** The variables of the shell that a command uses. */
export const shellNames = (command: string): readonly string[] =>
  [...command.matchAll(/\$([A-Z_]+)/g)].map(([, name = '']) => name);
