/*
 * Who may import whom (see README, "The house"). Imports point one way:
 * cli → runtime → {config, alerts, store} → core; checks → core, protocol; io → protocol, core.
 */
const rule = (name, from, to, comment) => ({ name, severity: 'error', comment, from, to });
const home = (pkg, homes) =>
  rule(
    `home-of-${pkg.replace(/[^a-z]/g, '-')}`,
    { path: '^(src|checks|alerts|grafana)', pathNot: homes },
    { path: `node_modules/(@types/)?${pkg}/` },
    `${pkg} has one home`,
  );

module.exports = {
  forbidden: [
    rule(
      'no-cycles',
      {},
      { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
      'a cycle has no bottom to start reading from',
    ),
    rule(
      'core-is-the-dictionary',
      { path: '^src/core' },
      { pathNot: '^src/core' },
      'core imports nothing of ours and nothing else',
    ),
    rule(
      'protocol-is-pure',
      { path: '^src/protocol' },
      {
        pathNot: [
          '^src/(core|protocol)',
          'node_modules/dns-packet',
          'node_modules/@types/dns-packet',
          '^(node:)?(crypto|buffer)$',
        ],
      },
      'codecs can be fuzzed',
    ),
    rule(
      'alerts-decide-only',
      { path: '^alerts/[^/]*[.]ts$' },
      { pathNot: ['^src/core', '^alerts/[^/]*[.]ts$'] },
      'life cycle and root cause are pure functions of state, facts and now',
    ),
    rule(
      'words-and-outbox-touch-nothing',
      { path: '^alerts/(render|outbox)/' },
      { pathNot: ['^src/core', '^alerts/([^/]*|(render|outbox)/.*)[.]ts$'] },
      'rendering is pure; the outbox works only with what it is given',
    ),
    rule(
      'a-channel-is-a-leaf',
      { path: '^alerts/notifiers/' },
      {
        path: '^(src/(analysis|config|io|runtime|cli|store|generate)|checks|grafana|alerts/outbox)',
      },
      'a channel tries once; whether and when is not its business',
    ),
    rule(
      'store-keeps-only',
      { path: '^src/store' },
      {
        path: '^(src/(analysis|config|io|runtime|cli|generate)|checks|grafana|alerts/(render|notifiers)/)',
      },
      'the store does not know what it keeps',
    ),
    rule(
      'analysis-is-pure',
      { path: '^src/analysis' },
      { pathNot: ['^src/(core|protocol|analysis)', 'node_modules/zod/'] },
      'what checks make of what they saw',
    ),
    rule(
      'checks-have-no-hands',
      { path: '^checks' },
      { pathNot: ['^src/(core|protocol|analysis)', 'node_modules/zod/'] },
      'a check touches the world only through context.io',
    ),
    rule(
      'io-knows-protocols-only',
      { path: '^src/io' },
      { path: '^(src/(analysis|config|runtime|cli|store|generate)|checks|alerts|grafana)' },
      'io is below everything that decides',
    ),
    rule(
      'config-below-runtime',
      { path: '^src/config' },
      { path: '^(src/(analysis|io|runtime|cli|store|generate)|checks|alerts|grafana)' },
      'config is read, it does not act',
    ),
    rule(
      'runtime-has-no-hands',
      { path: '^src/runtime' },
      { path: '^(src/(analysis|io|cli|generate)|checks|grafana)' },
      'the world is handed in; checks are found by folder',
    ),
    rule(
      'generate-is-pure',
      { path: '^src/generate' },
      {
        pathNot: [
          '^src/(core|generate|config|runtime/(catalogue|schedule|plan|alert-metrics|own-metrics|probe-metrics|runbooks))',
          '^alerts/[^/]*[.]ts$',
          '^grafana/[^/]*[.]ts$',
          'node_modules/(yaml|zod)/',
        ],
      },
      'what is generated follows from the declarations and from nothing else',
    ),
    rule(
      'dashboards-are-declarations',
      { path: '^grafana' },
      {
        pathNot: [
          '^src/core',
          '^src/generate/(declared|promql)',
          '^grafana',
          'node_modules/@grafana/grafana-foundation-sdk/',
        ],
      },
      'a dashboard is drawn from the declarations',
    ),
    rule(
      'product-never-imports-tests',
      { path: '^(src|checks|alerts|grafana)' },
      { path: '^test' },
      'tests are not shipped',
    ),
    rule(
      'no-undeclared-package',
      { path: '^(src|checks|alerts|grafana)' },
      { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
      'what is shipped is declared',
    ),
    rule('no-unresolvable', {}, { couldNotResolve: true }, 'every import leads somewhere'),
    home('node-cron', '^src/runtime/schedule'),
    home('pg', '^src/io/postgres'),
    home('dns-packet', '^src/(io/dns|protocol/dns)'),
    home('net-ping', '^src/io/icmp'),
    home('prom-client', '^src/runtime/(recorder|exposition|probe|server)'),
    home('commander', '^src/cli'),
    home('yaml', '^src/(config|generate)'),
    home('@grafana/grafana-foundation-sdk', '^grafana'),
    home('pino', '^src/cli'),
    home('better-sqlite3', '^src/store'),
    home('nodemailer', '^alerts/notifiers/email'),
    home('@slack/web-api', '^alerts/notifiers/slack'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|src/bootstrap.mjs)' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
