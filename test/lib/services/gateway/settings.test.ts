/** What the environment tells the gateway's process. */
import { InputError } from '../../../../lib/errors';
import { readSettings } from '../../../../lib/services/gateway/settings';

test('only the configuration has to be given', () => {
  expect(readSettings({ AI_MARGIN_GATEWAY_CONFIG: '/etc/gateway.json' })).toEqual({ configFile: '/etc/gateway.json', host: '127.0.0.1', port: 4000, storeUrl: undefined, cacheUrl: undefined });
  const empty = { AI_MARGIN_GATEWAY_PORT: '', AI_MARGIN_GATEWAY_HOST: '', AI_MARGIN_GATEWAY_STORE: '', AI_MARGIN_GATEWAY_CACHE: '' };
  expect(readSettings({ AI_MARGIN_GATEWAY_CONFIG: 'a', ...empty })).toEqual({ configFile: 'a', host: '127.0.0.1', port: 4000, storeUrl: undefined, cacheUrl: undefined });
});

test('all of it', () => {
  expect(readSettings({ AI_MARGIN_GATEWAY_CONFIG: 'a', AI_MARGIN_GATEWAY_PORT: '0', AI_MARGIN_GATEWAY_HOST: '::', AI_MARGIN_GATEWAY_STORE: 'valkey://store:6379', AI_MARGIN_GATEWAY_CACHE: 'valkey://cache:6379' }))
    .toEqual({ configFile: 'a', host: '::', port: 0, storeUrl: 'valkey://store:6379', cacheUrl: 'valkey://cache:6379' });
});

test.each(['65536', '-1', '80a', '1.5', ' 80', '123456'])('the port %p is refused, with what is accepted', port => {
  expect(() => readSettings({ AI_MARGIN_GATEWAY_CONFIG: 'a', AI_MARGIN_GATEWAY_PORT: port })).toThrow(new InputError(`AI_MARGIN_GATEWAY_PORT is ${port}: give a port from 0 to 65535.`));
});

test.each([undefined, ''])('without a configuration (%p) it does not begin', given => {
  expect(() => readSettings({ AI_MARGIN_GATEWAY_CONFIG: given })).toThrow(/AI_MARGIN_GATEWAY_CONFIG is missing: give it the path/);
});
