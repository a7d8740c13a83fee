import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { paths } from '../plan.ts';
import type { LabService } from '../services.ts';

/*
 * Configuration management's own word on who is the primary, as it stands in Hiera. Puppet itself is not
 * here: the monitor reads what it would read.
 */

export const HIERA = join(paths.root, 'hiera-maas.yaml');

/** What an operator edits after a failover. */
export const declare = (node: string): void => {
  writeFileSync(
    HIERA,
    `---
# Read by Puppet's agent on both region controllers.
maas::database::name: maasdb
maas::database::primary: ${node}
maas::proxy::ports: [8000, 3128]
`,
  );
};

const declared: LabService = {
  daemons: {},
  write: () => undefined,
  configure: (region) => {
    // Whoever writes down another primary writes it in both places.
    declare(String(region['declared_primary']));
    region['declared_in'] = { file: HIERA, pattern: String.raw`^maas::database::primary: *(\S+)` };
  },
};

export default declared;
