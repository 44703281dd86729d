// Bundles the command line into assets/, so that it starts in an instant and needs nothing installed beside it.
import { build } from 'esbuild';

await build({
  entryPoints: ['bin/ai-margin.ts'],
  outfile: 'assets/ai-margin.js',
  bundle: true,
  platform: 'node',
  target: 'node22',
  format: 'cjs',
  minify: true,
  // A bundle cannot follow conditional requires of optional parts; none of ours is needed at run time.
  logLevel: 'warning',
});
