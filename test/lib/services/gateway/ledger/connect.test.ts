/** The store's URL, what is refused of it, and that its password is never told. */
import { once } from 'node:events';
import { AddressInfo, createServer } from 'node:net';
import * as fc from 'fast-check';
import { InputError } from '../../../../../lib/errors';
import { connect, connected, storeAddress } from '../../../../../lib/services/gateway/ledger/connect';
import { ValkeyLedger } from '../../../../../lib/services/gateway/ledger/valkey-ledger';
import { call } from '../../../gateway/ledger-histories';

const PLAIN = { host: 'cache', port: 6379, username: undefined, password: undefined, tls: false, cluster: false };

test.each([
  ['valkey://cache', PLAIN],
  ['valkey://cache:7000/', { ...PLAIN, port: 7000 }],
  ['valkeys://cache', { ...PLAIN, tls: true }],
  ['valkey+cluster://cache', { ...PLAIN, cluster: true }],
  ['valkeys+cluster://gateway:s%40cret%2F@cache', { ...PLAIN, tls: true, cluster: true, username: 'gateway', password: 's@cret/' }],
  ['valkey://:secret@[::1]:7000', { ...PLAIN, host: '::1', port: 7000, password: 'secret' }],
])('%s is accepted', (url, address) => expect(storeAddress(url)).toEqual(address));

test.each([
  ['cache:6379', 'begins with cache:'],
  ['http://cache', 'begins with http:'],
  ['', 'is not a URL'],
  ['valkey://', 'names no host'],
  ['valkey://cache:port', 'is not a URL'],
  ['valkey://cache/1', 'something after the port'],
  ['valkey://cache?tls=true', 'something after the port'],
  ['valkey://us%er@cache', 'not percent-encoded'],
])('%s is refused: it %s', (url, why) => {
  expect(() => storeAddress(url)).toThrow(InputError);
  expect(() => storeAddress(url)).toThrow(why);
  expect(() => storeAddress(url)).toThrow('valkeys+cluster://');
});

test('no refusal tells a password', () => fc.assert(fc.property(
  fc.constantFrom('http://user:', 'valkey://:', 'valkey://user:', 'user:', 'valkey:user:', ''), fc.stringMatching(/^[a-zA-Z0-9/?#%:@ ]{0,10}$/), fc.constantFrom('@cache:x', '@cache/1', '@', '@cache?x'),
  (before, noise, after) => {
    const url = `${before}S3CRET${noise}S3CRET${after}`;
    try {
      storeAddress(url);
    } catch (error) {
      expect((error as Error).message).not.toContain('S3CRET');
    }
  },
)));

test.each(['valkey', 'valkey+cluster'])('%s: no server there: asked at once, refused at once, and the process lives', async scheme => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');

  let failed = (): void => undefined;
  const told = new Promise<void>(resolve => void (failed = resolve));
  const ledger = new ValkeyLedger(connect(`${scheme}://user:S3CRET@127.0.0.1:${port}`, message => {
    expect(message).not.toContain('S3CRET');
    failed();
  }), 'g');
  try {
    await expect(ledger.reserve(call('a'))).rejects.toThrow();
    await told;
    await expect(ledger.ping()).rejects.toThrow();
  } finally {
    await ledger.close();
  }
});

test('no store: the wait for a connection ends all the same', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => { server.close(resolve); });
  const client = connect(`valkey://127.0.0.1:${port}`, () => undefined);
  await expect(connected(client, 50)).resolves.toBeUndefined();
  expect(client.status).not.toBe('ready');
  client.disconnect();
});
