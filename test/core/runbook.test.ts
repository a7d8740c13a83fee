import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { formatRunbook } from '../../src/core/runbook-render.ts';
import { parseRunbook } from '../../src/core/runbook.ts';

const good = `# MaasHaTestAlert

- minutes: 5
- access: ssh
- measured: no

## In one line

It broke.

## Is it real?

- host: monitor
- run: \`ping {vip}\`
- wrong: it replies.

## Do not

- Do not panic.

## Impact now

- None.

## Likely causes

1. Age.

## Steps

### Step 1: Look

- host: {nodes}
- risk: none
- run: \`ls\`
- expect: A list.

### Step 2: Mend

- host: {primary}
- risk: high
- when: it is broken
- run: \`mv a b\`
- run: \`ls b\`
- expect: \`b\`
- verify: \`ls b\` shows it.
- abort: It is not broken.
- undo: \`mv b a\`

## Recovered when

- All is well.

## Afterwards

- Sleep.

## Escalate

- After 30 minutes.

## Background

Things age.
`;

const problemsOf = (text: string): readonly string[] => parseRunbook(text).problems;

describe('a runbook', () => {
  it('is read into its parts', () => {
    const { runbook } = parseRunbook(good);
    expect(runbook).toMatchObject({
      alert: 'MaasHaTestAlert',
      minutes: 5,
      disprove: { host: 'monitor', run: 'ping {vip}', wrong: 'it replies.' },
      steps: [
        { title: 'Look', host: '{nodes}', risk: 'none', run: ['ls'] },
        { title: 'Mend', when: 'it is broken', run: ['mv a b', 'ls b'], undo: '`mv b a`' },
      ],
    });
    expect(runbook?.prose['Likely causes']).toBe('1. Age.');
  });

  it('comes out as it went in', () => {
    expect(formatRunbook(parseRunbook(good).runbook!)).toBe(good);
  });

  test.each([
    ['another title', '# MaasHaTestAlert', '# Test', 'the first line is no "# MaasHa…"'],
    ['half a minute', 'minutes: 5', 'minutes: 0.5', 'minutes is no whole number'],
    ['no access', '- access: ssh\n', '', 'the head: "access" is missing'],
    ['a section left out', '## Do not\n\n- Do not panic.\n\n', '', '"Do not" is missing'],
    ['an empty section', 'Things age.\n', '', '"Background" is missing or empty'],
    ['a strange section', '## Afterwards', '## Later', 'section "Later" is not known'],
    ['sections out of order', '## Escalate', '## Do not', 'stands twice, or too late'],
    ['a step out of number', 'Step 2:', 'Step 3:', 'expected "Step 2: …"'],
    ['no steps', /### Step[\s\S]*(?=## Recovered)/, '', 'Steps'],
    ['text between steps', '## Steps\n', '## Steps\n\nFirst:\n', 'outside of the steps'],
    ['a field nobody knows', '- when: it', '- unless: it', 'is no field of a step'],
    ['a step without a host', '- host: {primary}\n', '', 'Step 2: "host" is missing'],
    ['two expectations', '- expect: `b`', '- expect: `b`\n- expect: c', '"expect" stands twice'],
    ['a strange risk', 'risk: high', 'risk: some', 'the risk is none of none, low, high'],
    ['danger without a check', '- verify: `ls b` shows it.\n', '', 'Step 2: "verify" is missing'],
    ['danger without an end', '- abort: It is not broken.\n', '', 'Step 2: "abort" is missing'],
    ['a change for ever', '- undo: `mv b a`\n', '', 'Step 2: "undo" is missing'],
    ['a command in prose', '`mv a b`', 'move it', 'is not one command in backticks'],
    ['no command to disprove it', '`ping {vip}`', 'ping', 'Is it real?: run is not one command'],
  ])('with %s is refused', (_, found, replacement, problem) => {
    const text = good.replace(found, replacement);
    expect(text).not.toBe(good);
    expect(problemsOf(text).join('\n')).toContain(problem);
  });

  it('tells all that is wrong at once', () => {
    expect(
      problemsOf(good.replace('minutes: 5', 'minutes: x').replace('risk: high', 'risk: x')).length,
    ).toBeGreaterThanOrEqual(2);
  });

  it('never throws, whatever it is given', () => {
    const piece = fc.constantFrom(
      ...['# MaasHaA', '## Steps', '### Step 1: a', '- run: `a`', '- host: x', '\r\n', '`'],
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(piece).map((all) => all.join('\n')),
    );
    fc.assert(
      fc.property(text, (any) => {
        expect(problemsOf(any).length).toBeGreaterThan(0);
      }),
    );
  });

  it('that loses any line of its steps is refused or reads differently', () => {
    const before = parseRunbook(good).runbook;
    const lines = good.split('\n');
    for (const [index, line] of lines.entries())
      if (line.trim() !== '')
        expect(parseRunbook(lines.filter((_, at) => at !== index).join('\n')).runbook).not.toEqual(
          before,
        );
  });
});
