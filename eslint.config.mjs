// Lint with the borders of the house: lib/ never imports the CDK or constructs/, and only services and the command line use the AWS SDK.
import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const NO_CDK = { group: ['aws-cdk-lib', 'aws-cdk-lib/*', '@aws-cdk/*', 'constructs', 'cdk-nag', '**/constructs/*', '**/constructs'], message: 'lib/ never imports the CDK nor constructs/.' };
const NO_SDK = { group: ['@aws-sdk/*', '@smithy/*'], message: 'Only lib/cli and lib/services use the AWS SDK.' };
const NO_CLI = { group: ['**/cli', '**/cli/*', '**/services', '**/services/*', '**/bin/*'], message: 'Effects live at the edge: only bin/ starts them.' };
const NO_TEST = { group: ['**/test/*'], message: 'The product does not know its tests.' };

// An import inside an expression or a type would slip past the borders.
const NO_HIDDEN_IMPORT = ['ImportExpression', 'TSImportType'].map(selector => ({ selector, message: 'Import at the top of the file, where the borders are checked.' }));

export default tseslint.config(
  { ignores: ['dist/', 'assets/', 'cdk.out/', 'node_modules/', 'coverage/', '.e2e/'] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  {
    rules: {
      'no-console': 'error',
      eqeqeq: 'error',
      'max-len': ['error', { code: 180, ignoreUrls: true, ignoreStrings: true, ignoreTemplateLiterals: true }],
      'max-lines': ['error', 400],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  { files: ['bin/**/*.ts', 'scripts/**/*.ts'], rules: { 'no-restricted-imports': ['error', { patterns: [NO_SDK] }] } },
  { files: ['lib/**/*.ts', 'constructs/**/*.ts', 'bin/**/*.ts'], rules: { 'no-restricted-syntax': ['error', ...NO_HIDDEN_IMPORT] } },
  { files: ['constructs/**/*.ts'], rules: { 'no-restricted-imports': ['error', { patterns: [NO_SDK, NO_CLI, NO_TEST] }] } },
  { files: ['lib/**/*.ts'], rules: { 'no-restricted-imports': ['error', { patterns: [NO_CDK, NO_SDK, NO_CLI, NO_TEST] }] } },
  { files: ['lib/cli/**/*.ts', 'lib/services/**/*.ts'], rules: { 'no-restricted-imports': ['error', { patterns: [NO_CDK, NO_TEST] }] } },
  {
    files: ['**/*.mjs', '**/*.js'],
    languageOptions: { globals: { process: 'readonly', module: 'writable', console: 'readonly' }, sourceType: 'module' },
  },
  { files: ['jest.config.js'], languageOptions: { sourceType: 'commonjs' } },
);
