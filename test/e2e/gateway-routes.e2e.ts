/**
 * A route as its users meet it: OpenAI's own client, the gateway as it is shipped, two processes of it, Valkey for budgets and
 * answers. Each step of the route is seen in the reply's headers and in the usage record.
 */
import OpenAI from 'openai';
import { GatewayConfigInput } from '../../lib/contracts/gateway';
import { GatewayProcess, KEY, OTHER_KEY, configOf, costs, tier } from './harness/gateway';
import { useGateways } from './harness/use-gateways';

type Chat = OpenAI.ChatCompletionCreateParamsNonStreaming;
type Routed = GatewayConfigInput['workflows'][number]['route'];

const gateways = useGateways();

/** A cheap tier whose answer is 7 + 6 = 14, and a premium one that can add. */
const config = (name: string, route: Routed, more: Partial<GatewayConfigInput> = {}): GatewayConfigInput => {
  const tiers = [
    tier('Small', gateways.mock.url, `${name}-small?text=7+%2B+6+%3D+14&inputTokens=1000`),
    tier('Premium', gateways.mock.url, `${name}-large?text=7+%2B+6+%3D+13&inputTokens=1000`, { premium: true, price: costs(10, 30) }),
  ];
  return configOf(tiers, { workflows: [{ id: 'Work', tiers: ['Small', 'Premium'], route }], ...more });
};
const client = ({ origin }: GatewayProcess, apiKey = KEY): OpenAI => new OpenAI({ baseURL: `${origin}/v1`, apiKey, maxRetries: 0 });
const chat = (content: string, more: Partial<Chat> = {}): Chat => ({ model: 'any', temperature: 0, max_completion_tokens: 100, messages: [{ role: 'user', content }], ...more });

interface Answered {
  readonly content: string | null | undefined;
  readonly header: (name: string) => string | null;
}
async function ask(of: OpenAI, body: Chat): Promise<Answered> {
  const { data, response } = await of.chat.completions.create(body).withResponse();
  return { content: data.choices[0]?.message.content, header: name => response.headers.get(`x-ai-margin-${name}`) };
}
async function askForStream(of: OpenAI, body: Chat): Promise<Answered> {
  const { data, response } = await of.chat.completions.create({ ...body, stream: true }).withResponse();
  let content = '';
  for await (const chunk of data) content += chunk.choices[0]?.delta.content ?? '';
  return { content, header: name => response.headers.get(`x-ai-margin-${name}`) };
}

test('a rule answers', async () => {
  const [gateway] = await gateways.start(config('bypass', { bypass: [{ kind: 'template', id: 'order', text: 'Where is order {number}?', answer: 'See /orders/{number}.' }] }));
  for (const way of [ask, askForStream]) {
    const { content, header } = await way(client(gateway), chat('Where is order 17?'));
    expect([content, header('answered-by'), header('cost-usd'), header('tier')]).toEqual(['See /orders/17.', 'bypass order', '0', null]);
  }
  expect((await gateway.recorded(2)).map(({ route, costUsd }) => [route.answeredBy, route.bypass, costUsd])).toEqual([['bypass', 'order', '0'], ['bypass', 'order', '0']]);
  expect((await gateways.mock.account('bypass-small')).calls).toBe(0);
});

test('an answer is given again by another process, as JSON and as a stream, and never to another tenant', async () => {
  const asked = config('cached', { cache: { ttlSeconds: 600 } });
  const [one, other] = await gateways.start(asked, 2);
  for (const way of [ask, askForStream]) {
    const first = await way(client(one), chat('7 + 6?'));
    const again = await way(client(other!), chat('7 + 6?'));
    expect([first.header('answered-by'), again.header('answered-by'), again.content]).toEqual(['model', 'cache', first.content]);
    expect((await way(client(other!, OTHER_KEY), chat('7 + 6?'))).header('answered-by')).toBe('model');
  }
  const records = await other!.recorded(4);
  expect(records.map(({ route, savedUsd, tenant }) => [tenant, route.cache, savedUsd])).toEqual([
    ['north', 'hit', '0.00101'], ['south', 'miss', '0'], ['north', 'hit', '0.00101'], ['south', 'miss', '0'],
  ]);
  expect((await gateways.mock.account('cached-small')).calls).toBe(4);
});

test('a wrong sum is asked for again of the premium tier', async () => {
  const [gateway] = await gateways.start(config('escalated', { checks: [{ kind: 'numeric-recompute' }] }));
  for (const way of [ask, askForStream]) {
    const { content, header } = await way(client(gateway), chat('7 + 6?'));
    expect([content, header('tier'), header('escalated'), header('failed-checks')]).toEqual(['7 + 6 = 13', 'Premium', 'Small to Premium', null]);
  }
  expect((await gateway.recorded(2))[0]).toMatchObject({ premiumCalls: 1, route: { escalation: 'made' }, otherAnswer: { tier: 'Small', failedChecks: ['numeric-recompute'] } });
});

test('what no tier may mend is given and marked', async () => {
  const [gateway] = await gateways.start(config('marked', { checks: [{ kind: 'numeric-recompute' }], maxPremiumSharePercent: 0 }));
  const { content, header } = await ask(client(gateway), chat('7 + 6?'));
  expect([content, header('tier'), header('failed-checks')]).toEqual(['7 + 6 = 14', 'Small', 'numeric-recompute']);
  expect((await gateway.recorded(1))[0]!.route).toMatchObject({ escalation: 'share-full', failedChecks: ['numeric-recompute'] });
});

test('who has spent the budget of the premium tier is served by the cheaper one, by any process', async () => {
  const asked = config('degraded', {}, { budgets: [{ scope: 'tenant', period: 'month', usd: 0.015, onExhausted: 'degrade', tiers: ['Premium'] }] });
  const [one, other] = await gateways.start(asked, 2);
  const first = await ask(client(one), chat('7 + 6?', { model: 'Premium' }));
  await gateways.store.settled(asked, 'tenant:north');
  await ask(client(one), chat('7 + 6?', { model: 'Premium' }));
  await gateways.store.settled(asked, 'tenant:north');
  const next = await ask(client(other!), chat('7 + 6?', { model: 'Premium' }));
  expect([first.header('tier'), first.header('degraded'), next.header('tier'), next.header('degraded')]).toEqual(['Premium', null, 'Small', 'budget']);
});

test('a long history is trimmed, and one that stays too long is refused with the numbers', async () => {
  const [gateway] = await gateways.start(config('trimmed', { tokenLimits: { maxInput: 1_000 } }));
  const turn = (i: number): OpenAI.ChatCompletionMessageParam[] => [
    { role: 'user', content: `Question ${i}: what did the ${i}th inspection of the northern line find, and who signed it?` },
    { role: 'assistant', content: `Inspection ${i} found ${i + 2} worn sleepers and ${i * 3} loose bolts; it was signed by the foreman of the day.` },
  ];
  const history: OpenAI.ChatCompletionMessageParam[] = [{ role: 'system', content: 'You answer about inspections.' }, ...Array.from({ length: 30 }, (_, i) => turn(i)).flat()];
  const { content, header } = await ask(client(gateway), chat('', { messages: [...history, { role: 'user', content: 'And the last one?' }] }));
  expect([content, header('trimmed')]).toEqual(['7 + 6 = 14', expect.stringMatching(/^1\d{3} to [3-9]\d{2} tokens: turns$/)]);
  const [record] = await gateway.recorded(1);
  expect(record!.route.trimmed).toMatchObject({ by: ['turns'] });
  const tooLong = await ask(client(gateway), chat('one more word '.repeat(1_000))).catch((error: unknown) => error);
  expect(tooLong).toBeInstanceOf(OpenAI.BadRequestError);
  expect((tooLong as Error).message).toMatch(/1000/);
});
