/** Unit, property and template tests run everywhere; `integ` and `e2e` use the real tools. */
const swc = [
  '@swc/jest',
  { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
];
const project = (displayName, testMatch, extra = {}) => ({
  displayName,
  testMatch,
  testEnvironment: 'node',
  // These are ES modules, which Jest loads only when they are transformed.
  transformIgnorePatterns: ['/node_modules/(?!(openid-client|oauth4webapi|jose)/)'],
  transform: { '^.+\\.[cm]?[tj]s$': swc },
  modulePathIgnorePatterns: ['<rootDir>/cdk.out', '<rootDir>/.build', '<rootDir>/.local'],
  ...extra,
});

module.exports = {
  projects: [
    project('unit', ['<rootDir>/test/**/*.test.ts'], {
      testPathIgnorePatterns: ['<rootDir>/test/integ/', '<rootDir>/test/e2e/'],
    }),
    project('integ', ['<rootDir>/test/integ/**/*.test.ts']),
    project('e2e', ['<rootDir>/test/e2e/**/*.test.ts']),
  ],
};
