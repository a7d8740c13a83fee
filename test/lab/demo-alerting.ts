import { rmSync } from 'node:fs';

/** How the demonstration's monitor tells of alerts, as lines for its maasha.yaml. */
export interface DemoAlerting {
  readonly yaml: string;
  /** Removes what it kept. */
  readonly remove: () => void;
}

/**
 * On the terminal only, and keeping what goes on in a folder that ends with the demonstration. On a
 * clone whose better-sqlite3 is not compiled the monitor says in a line that it keeps nothing; an
 * alert about that would only be in the way of those to be seen.
 */
export async function demoAlerting(state: string): Promise<DemoAlerting> {
  const remove = (): void => {
    rmSync(state, { recursive: true, force: true });
  };
  // What a killed demonstration has left is about another region.
  remove();
  const checks = (await canStore())
    ? ''
    : 'checks: { monitor: { rules: { MaasHaMonitorStoreNotDurable: false } } }\n';
  // JSON is YAML: a path may hold what YAML takes for something else.
  const alerting = { state, monitor: 'demonstration', console: {} };
  return { yaml: `alerting: ${JSON.stringify(alerting)}\n${checks}`, remove };
}

async function canStore(): Promise<boolean> {
  try {
    const { default: Database } = await import('better-sqlite3');
    new Database(':memory:').close();
    return true;
  } catch {
    return false;
  }
}
