/** Ctrl-C and TERM end a trial in order: what is injected is healed, what was started ends. */
export function untilInterrupted(say: (line: string) => void): AbortSignal {
  const life = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.on(name, () => {
      say('interrupted: healing what is injected …');
      life.abort(new Error('interrupted'));
    });
  return life.signal;
}
