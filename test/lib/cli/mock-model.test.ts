/** `ai-margin mock-model` as shipped: it says where it listens, answers, and ends when told. */
import { once } from 'node:events';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { Command, SHIPPED } from './service-command';

async function status(url: string): Promise<unknown> {
  const [response] = await once(get(url, { agent: false }), 'response');
  response.resume();
  return response.statusCode;
}

test.each(['SIGINT', 'SIGTERM'] as const)('it listens, answers, and ends with 0 at a %s', async signal => {
  // A PORT that is about something else is no order to it.
  const command = new Command(SHIPPED, ['mock-model', '--port', '0'], { HOST: 'nowhere.invalid' });
  const { listening } = JSON.parse(await command.line() ?? '') as { listening: string };
  expect(listening).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(await status(`${listening}/healthz`)).toBe(200);
  command.signal(signal);
  expect(await command.exitCode()).toBe(0);
  expect(command.stderr).toBe('');
});

test('a port that is taken: exit code 2 and one sentence', async () => {
  const taken = createServer();
  taken.listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const address = taken.address();
  const command = new Command(SHIPPED, ['mock-model', '--port', String(typeof address === 'object' ? address?.port : 0)]);
  expect(await command.exitCode()).toBe(2);
  expect(command.stderr).toMatch(/^The mock model cannot listen on 127\.0\.0\.1, port \d+: listen EADDRINUSE[^\n]+\n$/);
  taken.close();
});

test('a wrong port: exit code 2', async () => {
  const command = new Command(SHIPPED, ['mock-model', '--port', '-1']);
  expect(await command.exitCode()).toBe(2);
  expect(command.stderr).toMatch(/"-1" is no port for --port/);
});

test('help has the tables of orders and faults', async () => {
  const command = new Command(SHIPPED, ['mock-model', '--help']);
  const lines: string[] = [];
  for (let line = await command.line(); line !== undefined; line = await command.line()) lines.push(line);
  expect(lines.join('\n')).toMatch(/^ {2}outputTokens [^]*^ {2}truncate /m);
  expect(await command.exitCode()).toBe(0);
});
