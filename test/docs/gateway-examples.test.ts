/** Every JSON example of the README and the guides that is a gateway's configuration, or a part of one, is one that the gateway takes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GatewayConfigInput, gatewayConfigSchema } from '../../lib/contracts/gateway';
import { configProblems } from '../../lib/gateway/config-problems';
import { LiveRoute } from '../../lib/gateway/route/live-route';
import { Bypass } from '../../lib/gateway/bypass/bypass';

const root = join(__dirname, '../..');
const jsonOf = (file: string): unknown[] => [...readFileSync(join(root, file), 'utf8').matchAll(/^```json\n([^]*?)^```/gm)].map(([, json = '']) => JSON.parse(/^\s*"/.test(json) ? `{${json}}` : json));

const tier = (id: string, premium = false): GatewayConfigInput['tiers'][number] =>
  ({ id, premium, provider: 'openai', model: id, endpoints: [{ url: 'http://127.0.0.1:9/v1' }], price: { usdPerMillionTokens: { input: 1, output: 1 }, source: 'a test' } });
const WORKFLOW: GatewayConfigInput['workflows'][number] = { id: 'DraftNote', tiers: ['small', 'premium'] };
const around = (part: Partial<GatewayConfigInput>): GatewayConfigInput =>
  ({ version: 1, gatewayId: 'example', tiers: [tier('small'), tier('premium', true)], workflows: [WORKFLOW], keys: [{ id: 'me', tenant: 'acme', secret: { env: 'MY_KEY' } }], ...part });
const problems = (config: unknown): string[] => configProblems(gatewayConfigSchema.parse(config));

test('the README\'s configuration', () => {
  expect(jsonOf('README.md').filter(json => typeof json === 'object' && json !== null && 'gatewayId' in json).map(problems)).toEqual([[]]);
});

test('the gateway guide\'s budgets', () => {
  expect(jsonOf('docs/guides/gateway.md').map(part => problems(around(part as Partial<GatewayConfigInput>)))).toEqual([[]]);
});

test('the routing guide\'s workflow, and what its rules answer', async () => {
  const [workflow] = jsonOf('docs/guides/routing.md') as GatewayConfigInput['workflows'];
  const config = around({ workflows: [workflow!] });
  expect(problems(config)).toEqual([]);
  const rules: LiveRoute['config']['bypass'] = gatewayConfigSchema.parse(config).workflows[0]!.route.bypass;
  const bypass = new Bypass(rules, { seconds: () => 0, open: () => async ({ messages }) => `asked of ${messages.length}` });
  const answer = async (content: string): Promise<string | undefined> =>
    (await bypass.answer({ request: 'r', workflow: 'DraftNote', tenant: 'acme', run: null, body: { model: 'm', messages: [{ role: 'user', content }] } }))?.content;
  expect(await answer('When are you open?')).toBe('From 9 to 5.');
  expect(await answer('Where is order 17?')).toBe('See https://shop.example/orders/17.');
  expect(await answer('Is the blue one in stock?')).toBe('asked of 1');
  expect(await answer('Who are you?')).toBeUndefined();
});
