import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { expect, it, test } from 'vitest';
import { manualOf } from '../../src/cli/manual.ts';
import { program } from '../../src/cli/program.ts';

const { path, text } = manualOf(program);
const commands = program.commands.map((command) => [command.name(), command] as const);

it('the man page is the one that the commands make', () => {
  expect(readFileSync(path, 'utf8'), 'npm run generate -- man').toBe(text);
});

test.each(commands)(
  '%s explains each of its options, and shows how it is called',
  (name, command) => {
    expect(command.description()).toMatch(/^[a-z]/);
    for (const option of command.options) expect(option.description, option.flags).not.toBe('');
    const own = text
      .split('.SS ')
      .find((part) => part.startsWith(`${name.replaceAll('-', '\\-')}\n`));
    expect(own).toMatch(/Examples?:\n {2}maasha/);
  },
);

it('says where its files are, what its environment is, and what it exits with', () => {
  for (const title of [
    'NAME',
    'SYNOPSIS',
    '"EXIT STATUS"',
    '"FILES"',
    '"ENVIRONMENT"',
    '"SEE ALSO"',
  ])
    expect(text).toContain(`.SH ${title}`);
  // Nothing that a shell takes for an option may become a hyphen.
  expect(text).not.toMatch(/[^\\]--[a-z]/);
});

it.skipIf(!existsSync('/usr/bin/groff'))('is without a fault for groff', () => {
  const { status, stderr } = spawnSync('groff', ['-man', '-ww', '-z', '-Tutf8', path], {
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
});
