/** The configuration's file: taken whole, or refused with the place of what is wrong and no text of a key; looked at for changes. */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../../../../lib/errors';
import { readConfig, watchConfig } from '../../../../lib/services/gateway/config-file';

const KEY = 'sk-live-abcdefghijklmnop';
const folder = mkdtempSync(join(tmpdir(), 'gateway-config-'));
const path = join(folder, 'gateway.json');
afterAll(() => { rmSync(folder, { recursive: true }); });

const TIER = { id: 'Small', provider: 'openai', model: 'm', endpoints: [{ url: 'http://127.0.0.1:1/v1' }], price: { usdPerMillionTokens: { input: 1, output: 1 }, source: 'a test' } };
const SOUND = { version: 1, gatewayId: 'test', tiers: [TIER], workflows: [{ id: 'DraftNote', tiers: ['Small'] }], keys: [{ id: 'notes', tenant: 'north', secret: { env: 'KEY' } }] };
const write = (document: unknown): void => { writeFileSync(path, typeof document === 'string' ? document : JSON.stringify(document)); };

test('a sound one is read, with its defaults', () => {
  write(SOUND);
  expect(readConfig(path)).toMatchObject({ gatewayId: 'test', maxBodyBytes: 16 * 1024 * 1024, metricsSeconds: 60, budgets: [], tiers: [{ kind: 'chat', maxOutputTokens: 4096 }] });
});

test.each<[string, unknown, RegExp]>([
  ['no JSON', '{ "version": 1,, }', /cannot be read as JSON/],
  ['half of it, as while it is written', JSON.stringify(SOUND).slice(0, 99), /cannot be read as JSON/],
  ['another version', { ...SOUND, version: 2 }, /version is 2: /],
  ['a field that nobody reads', { ...SOUND, budget: [] }, /Unrecognized key: "budget"/],
  ['a price that is per token or per thousand, in dollars of a million', { ...SOUND, tiers: [{ ...TIER, price: { usdPerMillionTokens: { input: 3e6, output: 1 }, source: 'a test' } }] }, /tiers\.0\.price/],
  ['a price of one token', { ...SOUND, tiers: [{ ...TIER, price: { usdPerMillionTokens: { input: 3e-6, output: 1 }, source: 'a test' } }] }, /tiers\.0\.price\.usdPerMillionTokens\.input.*another unit/],
  ['a contradiction', { ...SOUND, workflows: [{ id: 'DraftNote', tiers: ['Large'] }] }, /workflows\.0\.tiers\.0 is Large; known are Small/],
])('%s is refused, with its place', (_, document, message) => {
  write(document);
  expect(() => readConfig(path)).toThrow(InputError);
  expect(() => readConfig(path)).toThrow(message);
  expect(() => readConfig(path)).toThrow(path);
});

test('a file that is not there is refused', () => {
  expect(() => readConfig(join(folder, 'nowhere.json'))).toThrow(/nowhere\.json cannot be read as JSON: .*ENOENT/);
});

test.each<[string, unknown]>([
  ['as the secret', { ...SOUND, keys: [{ ...SOUND.keys[0], secret: KEY }] }],
  ['as its hash', { ...SOUND, keys: [{ ...SOUND.keys[0], secret: { sha256: KEY } }] }],
  ['in a field of another name', { ...SOUND, keys: [{ key: KEY, id: 'notes', tenant: 'north' }] }],
  ['in a field beside the right one', { ...SOUND, keys: [{ value: KEY, ...SOUND.keys[0] }] }],
  ['in place of the whole key', { ...SOUND, keys: [[KEY]] }],
  ['as an endpoint\'s key', { ...SOUND, tiers: [{ ...TIER, endpoints: [{ apiKey: KEY, url: 'http://127.0.0.1:1/v1' }] }] }],
  ['in a list of an endpoint\'s keys', { ...SOUND, tiers: [{ ...TIER, endpoints: [{ apiKey: [KEY] }] }] }],
  ['in a document of another kind', { keys: [KEY] }],
])('a key that stands %s is not told by the error', (_, document) => {
  write(document);
  let message = '';
  try {
    readConfig(path);
  } catch (error) {
    message = (error as Error).message;
  }
  expect(message).toMatch(/is not valid\. .*(keys|endpoints|version)/);
  expect(message).not.toContain('sk-live');
});

test('a change is noticed, also when another file takes its place, until the watch ends', async () => {
  write(SOUND);
  let noticed: () => void = () => undefined;
  const unwatch = watchConfig(path, () => { noticed(); });
  // The first look may come after a change that is made at once: it is made again until one is noticed.
  for (const replace of [false, true]) {
    const change = new Promise<void>(resolve => { noticed = resolve; });
    let seconds = 1;
    const changing = setInterval(() => {
      writeFileSync(replace ? `${path}.new` : path, JSON.stringify({ ...SOUND, metricsSeconds: ++seconds }));
      if (replace) renameSync(`${path}.new`, path);
    }, 50);
    await change;
    clearInterval(changing);
    expect(readConfig(path).metricsSeconds).toBe(seconds);
  }
  unwatch();
}, 20_000);
