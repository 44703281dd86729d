/** `ai-margin gateway`: what it refuses before anything starts, and what it passes on to the service. */
import { once } from 'node:events';
import { AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { GATEWAY_PROCESS_ENVIRONMENT } from '../../../lib/contracts/gateway-process';
import { file, folder } from './files';
import { Command, SHIPPED, withStandIn } from './service-command';

test.each([
  ['no --config', ['gateway'], /required option '--config <file>'/],
  ['a configuration that is not there', ['gateway', '--config', 'nowhere.json'], /^ai-margin: --config nowhere\.json cannot be read: ENOENT[^\n]+\n$/],
  ['a folder for a configuration', ['gateway', '--config', '.'], /^ai-margin: --config \. cannot be read: it is not a file[^\n]+\n$/],
  ['no port', ['gateway', '--config', 'gateway.json', '--port', 'http'], /^ai-margin: "http" is no port for --port[^\n]+\n$/],
  ['a port that no machine has', ['gateway', '--config', 'gateway.json', '--port', '65536'], /^ai-margin: "65536" is no port for --port[^\n]+\n$/],
])('%s: exit code 2 and one sentence', async (_, args, sentence) => {
  file('gateway.json', {});
  const command = new Command(SHIPPED, args);
  expect(await command.exitCode()).toBe(2);
  expect(command.stderr).toMatch(sentence);
  expect(await command.line()).toBeUndefined();
});

test('the service is told by its environment; signals reach it once, and its exit code is the command\'s', async () => {
  file('gateway.json', {});
  const command = new Command(withStandIn(), ['gateway', '--config', 'gateway.json', '--port', '0', '--host', '::1', '--store', 'valkey://store:6379']);
  expect(JSON.parse(await command.line() ?? '')).toEqual({
    AI_MARGIN_GATEWAY_CONFIG: join(folder, 'gateway.json'), AI_MARGIN_GATEWAY_PORT: '0', AI_MARGIN_GATEWAY_HOST: '::1', AI_MARGIN_GATEWAY_STORE: 'valkey://store:6379',
  });
  for (const signal of ['SIGINT', 'SIGHUP', 'SIGINT'] as const) {
    command.signal(signal);
    expect(await command.line()).toBe(signal);
  }
  command.signal('SIGTERM');
  expect(await command.exitCode()).toBe(7);
  expect(command.stderr).toBe('');
});

test('it runs in the environment that keeps it small; what its user asks of Node comes last', async () => {
  file('gateway.json', {});
  const bundle = withStandIn();
  file('assets/gateway.js', 'console.log(JSON.stringify([process.env.NODE_OPTIONS, process.env.MALLOC_ARENA_MAX]));');
  const own = new Command(bundle, ['gateway', '--config', 'gateway.json'], { NODE_OPTIONS: '--max-old-space-size=2048' });
  expect(JSON.parse(await own.line() ?? '')).toEqual([`${GATEWAY_PROCESS_ENVIRONMENT.NODE_OPTIONS} --max-old-space-size=2048`, '1']);
  expect(await own.exitCode()).toBe(0);
});

test('what is not given is left to the service, but for the store of the environment', async () => {
  file('gateway.json', {});
  const environment = { AI_MARGIN_GATEWAY_STORE: 'valkey://:secret@store:6379', AI_MARGIN_GATEWAY_PORT: '1' };
  const command = new Command(withStandIn(), ['gateway', '--config', 'gateway.json'], environment);
  expect(JSON.parse(await command.line() ?? '')).toEqual({ AI_MARGIN_GATEWAY_CONFIG: join(folder, 'gateway.json'), AI_MARGIN_GATEWAY_STORE: environment.AI_MARGIN_GATEWAY_STORE });
  command.signal('SIGTERM');
  expect(await command.exitCode()).toBe(7);
});

test('a service that is killed: 128 and the signal\'s number', async () => {
  file('gateway.json', {});
  const bundle = withStandIn();
  file('assets/gateway.js', 'process.kill(process.pid, "SIGKILL");');
  expect(await new Command(bundle, ['gateway', '--config', 'gateway.json']).exitCode()).toBe(137);
});

test('a port that is taken: exit code 2 and one sentence', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  file('gateway.json', {
    version: 1, gatewayId: 'g', workflows: [{ id: 'W', tiers: ['Small'] }], keys: [{ id: 'k', tenant: 't', workflow: 'W', secret: { sha256: '0'.repeat(64) } }],
    tiers: [{ id: 'Small', provider: 'openai', model: 'm', endpoints: [{ url: 'http://127.0.0.1:1/v1' }], price: { usdPerMillionTokens: { input: 1, output: 1 }, source: 'a test' } }],
  });
  const command = new Command(SHIPPED, ['gateway', '--config', 'gateway.json', '--port', String((taken.address() as AddressInfo).port)]);
  expect(await command.exitCode()).toBe(2);
  expect(command.stderr).toMatch(/^The gateway cannot listen on 127\.0\.0\.1, port \d+: listen EADDRINUSE[^\n]+\. Give another port or host\.\n$/);
  taken.close();
});
