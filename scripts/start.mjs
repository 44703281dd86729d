// `npm start`: synthesizes the reference stacks and prints what they earn. Reports even when synth fails, and fails then.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';

const run = (command, args) => spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] }).status ?? 1;

// A stale cdk.out would be reported as if it were today's.
rmSync('cdk.out', { recursive: true, force: true });
process.stderr.write('Synthesizing the reference stacks ...\n');
const synth = run('cdk', ['synth', '--quiet', ...process.argv.slice(2)]);
if (!existsSync('cdk.out/manifest.json')) process.exit(synth || 1);
const report = run(process.execPath, ['assets/ai-margin.js', 'report', '--app', 'cdk.out']);
process.exit(synth || report);
