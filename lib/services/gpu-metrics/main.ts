/** Entry of the metrics service beside a vLLM replica: `node gpu-metrics.js`, told by its environment what to watch. */
import { InputError } from '../../errors';
import { GpuMetricsService } from './service';
import { readSettings } from './settings';

function main(): void {
  const service = new GpuMetricsService(readSettings(process.env), line => { process.stdout.write(`${line}\n`); });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => { void service.stop(); });
}

try {
  main();
} catch (error) {
  if (!(error instanceof InputError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
