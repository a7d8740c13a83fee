import { z } from 'zod';
import { closest } from './closest.ts';
import { show, type Problem } from './problem.ts';

/** zod's complaints about `content` as problems: found and expected, one for each unknown key. */
export function shapeProblems(
  schema: z.ZodType,
  error: z.ZodError,
  content: unknown,
): readonly Problem[] {
  const form = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Form;
  return error.issues.flatMap((issue) => fromIssue(issue, content, form));
}

/** As much of JSON Schema as it takes to find which keys are allowed somewhere. */
interface Form {
  readonly properties?: Readonly<Record<string, Form>>;
  readonly additionalProperties?: Form | boolean;
  readonly items?: Form;
  readonly anyOf?: readonly Form[];
}

function fromIssue(issue: z.core.$ZodIssue, content: unknown, form: Form): readonly Problem[] {
  if (issue.code === 'unrecognized_keys') {
    const allowed = keysAt(form, issue.path);
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      found: `unknown key ${show(key)}`,
      expected: `one of ${allowed.join(', ')}${closest(key, allowed)}`,
    }));
  }
  const value = valueAt(content, issue.path);
  if (issue.code === 'invalid_union' && typeof value === 'object') {
    const nearest = nearestBranch(issue);
    if (nearest.length > 0)
      return nearest.flatMap((inner) =>
        fromIssue({ ...inner, path: [...issue.path, ...inner.path] }, content, form),
      );
  }
  return [{ path: issue.path, found: show(value), expected: issue.message }];
}

/** Of several alternatives, the complaints of the one that the writer came nearest to. */
const nearestBranch = (issue: z.core.$ZodIssueInvalidUnion): readonly z.core.$ZodIssue[] =>
  issue.errors
    .filter((branch) =>
      branch.some(({ path, code }) => path.length > 0 || code === 'unrecognized_keys'),
    )
    .sort((a, b) => a.length - b.length)[0] ?? [];

function keysAt(form: Form, path: readonly PropertyKey[]): readonly string[] {
  const [key, ...rest] = path;
  const branches = form.anyOf ?? [form];
  if (key === undefined) return branches.flatMap(({ properties }) => Object.keys(properties ?? {}));
  return branches.flatMap((branch) => {
    const next = typeof key === 'number' ? branch.items : stepInto(branch, String(key));
    return next === undefined ? [] : keysAt(next, rest);
  });
}

function stepInto(form: Form, key: string): Form | undefined {
  const named = form.properties?.[key];
  if (named !== undefined) return named;
  return typeof form.additionalProperties === 'object' ? form.additionalProperties : undefined;
}

const valueAt = (content: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null
        ? (value as Record<PropertyKey, unknown>)[key]
        : undefined,
    content,
  );
