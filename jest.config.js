// Two projects: `core` is pure and quick; `services` starts local servers and child processes.
// The CDK's own template validator costs seconds to start: off here, on in the one suite about it (CDK_VALIDATION there).
// The AI SDK, what it is made of and cockatiel come as ES modules only.
const ES_MODULES = ['@ai-sdk', '@workflow', 'aws4fetch', 'cockatiel', 'eventsource-parser', 'zod'];
const shared = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  transform: {
    '^.+\\.ts$': ['ts-jest', { tsconfig: 'tsconfig.json', diagnostics: false }],
    '/node_modules/.+\\.js$': ['ts-jest', { tsconfig: { allowJs: true, module: 'commonjs', target: 'es2023', isolatedModules: true }, diagnostics: false }],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${ES_MODULES.join('|')})/)`],
  setupFiles: ['<rootDir>/test/setup.ts'],
};
const SERVICES = ['<rootDir>/test/lib/cli/', '<rootDir>/test/lib/services/', '<rootDir>/test/package/'];

module.exports = {
  projects: [
    { ...shared, displayName: 'core', testPathIgnorePatterns: SERVICES },
    { ...shared, displayName: 'services', testMatch: SERVICES.map(folder => `${folder}**/*.test.ts`) },
  ],
};
