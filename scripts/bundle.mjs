// Bundles everything that runs outside of a synth into assets/: it starts in an instant and needs nothing installed beside it.
import { build } from 'esbuild';

// zod exports its messages in fifty languages, a tenth of the gateway; it uses the English ones, which are imported on their own.
const englishOnly = {
  name: 'zod in English',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /\/locales\/index\.(c?js)$/ }, ({ importer, path }) => importer.includes('/zod/') ? { path, namespace: 'no-locales' } : undefined);
    onLoad({ filter: /.*/, namespace: 'no-locales' }, () => ({ contents: 'export {};' }));
  },
};

const shared = { bundle: true, platform: 'node', format: 'cjs', minify: true, logLevel: 'warning', plugins: [englishOnly] };

await Promise.all([
  // The command line, on whatever Node its user has.
  build({ ...shared, target: 'node22', entryPoints: ['bin/ai-margin.ts'], outfile: 'assets/ai-margin.js' }),
  // The SDK's CommonJS cannot be shaken down to the commands used.
  build({ ...shared, target: 'node24', mainFields: ['module', 'main'], entryPoints: ['lib/services/capacity-controller/handler.ts'], outfile: 'assets/capacity-controller/index.js' }),
  build({ ...shared, target: 'node24', entryPoints: ['lib/services/gpu-metrics/main.ts'], outfile: 'assets/gpu-metrics.js' }),
  // Its CommonJS dependencies have ES modules beside them, which leave out what is not used.
  build({ ...shared, target: 'node24', mainFields: ['module', 'main'], entryPoints: ['lib/services/gateway/main.ts'], outfile: 'assets/gateway.js' }),
  // Loaded by the gateway only where a route limits its prompts.
  build({ ...shared, target: 'node24', mainFields: ['module', 'main'], entryPoints: ['lib/services/gateway/token-counter/o200k-counter.ts'], outfile: 'assets/o200k-counter.js' }),
  build({ ...shared, target: 'node22', entryPoints: ['lib/services/mock-model/main.ts'], outfile: 'assets/mock-model.js' }),
]);
