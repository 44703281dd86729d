// The end-to-end suites: slow, against a real emulator and real tools that scripts/setup-e2e puts in place. Their files end in .e2e.ts.
import unit from './jest.config.js';

const { transform, transformIgnorePatterns } = unit.projects[0];

export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test/e2e'],
  testMatch: ['**/*.e2e.ts'],
  transform,
  transformIgnorePatterns,
  setupFiles: ['<rootDir>/test/setup.ts'],
  testTimeout: 180_000,
  // One after the other: those of the gateway fill the machine, and what is starved of it is late everywhere.
  maxWorkers: 1,
};
