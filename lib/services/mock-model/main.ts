/** Entry of the mock model, `PORT=4010 HOST=127.0.0.1 node mock-model.js`: prints where it listens, ends on SIGTERM. */
import { InputError } from '../../errors';
import { MockModel } from './server';

const DEFAULT_PORT = 4010;

async function main({ PORT = String(DEFAULT_PORT), HOST = '127.0.0.1' }: NodeJS.ProcessEnv): Promise<void> {
  const port = /^\d{1,5}$/.test(PORT) ? Number(PORT) : NaN;
  if (!(port <= 65_535)) throw new InputError(`PORT is "${PORT}": give a number from 0 (any free one) to 65535.`);
  const mock = await MockModel.start(port, HOST).catch((error: Error) => {
    throw new InputError(`The mock model cannot listen on ${HOST}, port ${port}: ${error.message}. Give another PORT or HOST.`);
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => { void mock.close(); });
  process.stdout.write(`${JSON.stringify({ listening: mock.url })}\n`);
}

main(process.env).catch((error: unknown) => {
  if (!(error instanceof InputError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
});
