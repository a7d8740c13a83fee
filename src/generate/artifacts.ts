import { loadChecks } from '../runtime/catalogue.ts';
import { declaredBy, type Artifact, type Generator, type Settings } from './declared.ts';

/** Every generator there is, each under the name by which `maasha generate` can be asked for it alone. */
export const GENERATORS: Readonly<Record<string, () => Promise<Generator>>> = {
  rules: async () => (await import('./prometheus/rules.ts')).rules,
  'rule-tests': async () => (await import('./prometheus/rule-tests.ts')).ruleTests,
  alertmanager: async () => (await import('./prometheus/alertmanager.ts')).alertmanager,
  scrape: async () => (await import('./prometheus/scrape.ts')).scrape,
  reference: async () => (await import('./reference.ts')).reference,
  runbooks: async () => (await import('./runbook-index.ts')).runbookIndex,
  dashboards: async () => (await import('../../grafana/dashboards.ts')).dashboards,
  provisioning: async () => (await import('../../grafana/provisioning.ts')).provisioning,
};

/** The folders in which a generator has one file a thing: what it makes no more has to go from there. */
export const FOLDERS: Readonly<Record<string, string>> = {
  rules: 'alerts/prometheus/rules',
  'rule-tests': 'alerts/prometheus/tests',
  dashboards: 'grafana/dashboards',
};

/** Stands in each generated file, so that it can be told from one that somebody put beside it. */
export const MARK = 'maasha generate';

/** As committed: for a site that has not said where its faces are. */
export const DELIVERED: Settings = {
  publicUrl: 'http://maasha.example.org:9877',
  grafanaUrl: 'http://grafana.example.org:3000',
};

/** What the named generators (all, if none is named) make of these checks. */
export async function artifacts(
  names: readonly string[] = Object.keys(GENERATORS),
  checks = loadChecks(),
  settings = DELIVERED,
): Promise<readonly Artifact[]> {
  const declared = declaredBy(await checks);
  const made = await Promise.all(
    names.map(async (name) => (await GENERATORS[name]?.())?.(declared, settings) ?? []),
  );
  return made.flat();
}
