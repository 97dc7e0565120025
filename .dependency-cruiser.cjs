/** Direction of imports: bin → stacks → constructs; constructs reach lambdas by path; lambdas know no CDK. */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'lambdas-know-no-cdk',
      comment: 'A function must not drag the CDK, the local platform or a stack into its bundle.',
      severity: 'error',
      from: { path: '^lambdas' },
      to: { path: '^(lib|bin|local|cli|test|node_modules/(aws-cdk-lib|constructs|cdk-nag))' },
    },
    {
      name: 'cdk-takes-contracts-only',
      comment:
        'Of a step, the CDK side imports its contract and its environment, never its logic; what a schedule starts a workflow with is checked as its first step does; the gateway sends the same headers as functions; grants name the prefixes that functions write below; how long a replaced key counts follows from what is signed with it.',
      severity: 'error',
      from: { path: '^(lib|bin)' },
      to: {
        path: '^lambdas',
        pathNot:
          '(contract|env|security-headers|startable/workflows|shared/catalogue|shared/release-store|shared/final-state-folder|shared/sign-in-attempt)\\.ts$',
      },
    },
    {
      name: 'constructs-know-no-stack',
      severity: 'error',
      from: { path: '^lib/constructs' },
      to: { path: '^lib/stacks' },
    },
    {
      name: 'lib-knows-no-local-platform',
      severity: 'error',
      from: { path: '^(lib|bin)' },
      to: { path: '^(local|cli|test)' },
    },
    {
      name: 'handlers-are-leaves',
      comment: 'A handler is wiring; nothing but a test imports it.',
      severity: 'error',
      from: { pathNot: '^test' },
      to: { path: '^lambdas/.+/handler\\.ts$' },
    },
    { name: 'nothing-imports-tests', severity: 'error', from: { pathNot: '^test' }, to: { path: '^test' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    exclude: { path: '(^|/)(cdk\\.out|\\.build|\\.local)' },
  },
};
