type Labels = Readonly<Record<string, string>>;

/** A matcher as Alertmanager reads it: a pattern is of the whole value; a label that is not there is empty. */
function matcher(text: string): (labels: Labels) => boolean {
  const [, label = '', operator, value = ''] = /^(\w+)(=~|=)"(.*)"$/.exec(text) ?? [];
  if (operator === undefined) throw new Error(`not a matcher: ${text}`);
  const pattern = new RegExp(`^(?:${value})$`);
  return (labels) => {
    const found = labels[label] ?? '';
    return operator === '=' ? found === value : pattern.test(found);
  };
}

/** Whether an alert fits all of them. */
export function all(texts: readonly string[]): (labels: Labels) => boolean {
  const matchers = texts.map(matcher);
  return (labels) => matchers.every((matches) => matches(labels));
}
