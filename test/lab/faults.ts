import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { holdsVip } from './net.ts';
import { NODES, paths, type Host, type Node } from './plan.ts';
import { primaries } from './postgres.ts';

/** What a fault did, and where: enough to heal it later, in another process. */
export type Done = { readonly host: Host; readonly did: string };

/** One way to break the lab: a file in `faults/`, whose name is the fault's name. */
export type Fault = {
  /** One sentence: what breaks. */
  readonly about: string;
  /** What the monitor must say while it lasts: a rule, or a rule with the values of its labels. */
  readonly sees: readonly string[];
  /** What only a monitor says that saw how it was before; one look alone does not show it. */
  readonly fromHistory?: readonly string[];
  /** Also part of `npm test`, which has little time: few are. */
  readonly quick?: true;
  /** Breaks it, wherever the active node and the primary are at the moment. */
  inject(): Promise<Done>;
  /** The operator's steps back to redundant health; the caller waits for that health. */
  heal(done: Done): Promise<void>;
};

/** All faults, by name. */
export async function loadFaults(): Promise<ReadonlyMap<string, Fault>> {
  const folder = join(import.meta.dirname, 'faults');
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts'));
  const loaded = files.sort().map(async (file): Promise<[string, Fault]> => {
    const module = (await import(join(folder, file))) as { default: Fault };
    return [file.replace(/\.ts$/, ''), module.default];
  });
  return new Map(await Promise.all(loaded));
}

/** The faults that are injected, oldest first, and what each did. */
export function injected(): Map<string, Done> {
  try {
    return new Map(JSON.parse(readFileSync(paths.faults, 'utf8')) as [string, Done][]);
  } catch {
    return new Map();
  }
}

/** Notes that a fault is injected, or with undefined that it is healed. */
export function note(name: string, done: Done | undefined): void {
  const all = injected();
  if (done === undefined) all.delete(name);
  else all.set(name, done);
  writeFileSync(paths.faults, `${JSON.stringify([...all], undefined, 1)}\n`);
}

/** The one node that holds the virtual address. @throws Error when it is none, or both. */
export async function activeNode(): Promise<Node> {
  const holds = await Promise.all(NODES.map(holdsVip));
  return only(
    NODES.filter((_, index) => holds[index]),
    'holds the virtual address',
  );
}

/** The one node whose PostgreSQL is a primary. @throws Error when it is none, or both. */
export const primaryNode = async (): Promise<Node> => only(await primaries(), 'is a primary');

function only(nodes: readonly Node[], what: string): Node {
  const [node] = nodes;
  if (node !== undefined && nodes.length === 1) return node;
  throw new Error(`${nodes.length === 0 ? 'no node' : 'more than one node'} ${what}`);
}

/** A host of a `Done` that is known to be a region controller. */
export function asNode(host: Host): Node {
  const node = NODES.find((one) => one === host);
  if (node === undefined) throw new Error(`${host} is no region controller`);
  return node;
}
