// The end-to-end suites: slow, against a real emulator and real tools that scripts/setup-e2e puts in place. Their files end in .e2e.ts.
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test/e2e'],
  testMatch: ['**/*.e2e.ts'],
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: 'tsconfig.json', diagnostics: false }] },
  setupFiles: ['<rootDir>/test/setup.ts'],
  testTimeout: 180_000,
  // They mostly wait, so two run at once on any machine.
  maxWorkers: 2,
};
