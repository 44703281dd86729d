/** Which answers a route with a cache gives again, and which only once: of a tier that stood in, of a trimmed prompt, of a stream that broke off. */
import { ServerResponse, createServer } from 'node:http';
import { AddressInfo } from 'node:net';
import { GatewayConfigInput } from '../../../../lib/contracts/gateway';
import { Reply, Running, closeAfter, costs, eventsOf, tier, until } from './running';

type Route = GatewayConfigInput['workflows'][number]['route'];

const CACHED = { cache: { ttlSeconds: 60 } } satisfies Route;
const KEY = { id: 'notes', tenant: 'north', workflow: 'DraftNote', secret: { env: 'NOTES' } };

const routed = (route: Route, { small = 'text=a+cheap+answer', budgets = [] }: { readonly small?: string; readonly budgets?: GatewayConfigInput['budgets'] } = {}): Promise<Running> =>
  Running.start(model => ({
    tiers: [
      tier('Small', model(`mock-small?${small}`)), tier('Premium', model('mock-large?text=a+premium+answer'), { premium: true, price: costs(10, 30) }),
      tier('Vectors', model('mock-embed'), { kind: 'embedding' }),
    ],
    workflows: [{ id: 'DraftNote', tiers: ['Small', 'Premium', 'Vectors'], route }], keys: [KEY], budgets,
  }));

const ask = (content: string, more: object = {}): object => ({ messages: [{ role: 'user', content }], temperature: 0, ...more });
const contentOf = ({ text }: Reply): string => JSON.parse(text).choices[0].message.content;
const streamed = ({ text }: Reply): string => eventsOf(text).filter(data => data !== '[DONE]').map(data => JSON.parse(data).choices[0]?.delta?.content ?? '').join('');

test('a kept answer says how old it is', async () => {
  const gateway = await routed(CACHED);
  const first = await gateway.chat(ask('a'));
  const later = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 90_500);
  try {
    const { headers } = await gateway.chat(ask('a'));
    expect([first.headers.age, headers.age]).toEqual([undefined, expect.stringMatching(/^9\d$/)]);
  } finally {
    later.mockRestore();
  }
});

test('never what a tier answered that stood in for the one that was due', async () => {
  const down = await routed(CACHED, { small: 'fault=status=500' });
  const full = await routed({ ...CACHED, maxPremiumSharePercent: 25, classes: [{ id: 'vip', tier: 'Premium' }] });
  const spent = await routed(CACHED, { budgets: [{ scope: 'tenant', period: 'month', usd: 0.0001, onExhausted: 'degrade', tiers: ['Premium'] }] });
  for (const gateway of [down, full, spent]) {
    const call = gateway === spent ? ask('a', { model: 'Premium' }) : ask('a');
    const headers: Record<string, string> = gateway === full ? { 'x-task-class': 'vip' } : {};
    for (let i = 0; i < 2; i++) await gateway.chat(call, { headers });
    expect(gateway.records.map(({ tier: served, route }) => [served, route.cache])).toEqual(Array(2).fill([gateway === down ? 'Premium' : 'Small', 'miss']));
  }
  expect([full.records[0]!.route.choice, spent.records[0]!.degraded]).toEqual(['share-full', true]);
}, 20_000);

test('what the premium tier was asked for because a check failed is kept', async () => {
  const gateway = await routed({ ...CACHED, checks: [{ kind: 'regex', pattern: 'premium' }] });
  const [first, again] = [await gateway.chat(ask('a')), await gateway.chat(ask('a'))];
  expect([contentOf(again), again.headers['x-ai-margin-tier'], again.headers['x-ai-margin-escalated']]).toEqual(['a premium answer', 'Premium', undefined]);
  expect(first.headers['x-ai-margin-escalated']).toBe('Small to Premium');
  expect(await gateway.record(2)).toMatchObject({ savedUsd: gateway.records[0]!.costUsd, route: { cache: 'hit' } });
});

test('never what a trimmed prompt was answered with', async () => {
  const gateway = await routed({ ...CACHED, tokenLimits: { maxInput: 1_000 } });
  const turn = (i: number): object[] => [
    { role: 'user', content: `Question ${i}: what did the ${i}th inspection of the northern line find, and who signed it?` },
    { role: 'assistant', content: `Inspection ${i} found ${i + 2} worn sleepers and ${i * 3} loose bolts; it was signed by the foreman of the day.` },
  ];
  const messages = [...Array.from({ length: 30 }, (_, i) => turn(i)).flat(), { role: 'user', content: 'And the last one?' }];
  for (let i = 0; i < 2; i++) await gateway.chat(ask('', { messages }));
  expect(gateway.records.map(({ route }) => [route.trimmed !== null, route.cache])).toEqual([[true, 'miss'], [true, 'miss']]);
});

test('a body with both messages and an input is another call at each path', async () => {
  const gateway = await routed(CACHED);
  const body = JSON.stringify({ model: 'any', input: 'a', ...ask('a') });
  const [chat, vectors] = [await gateway.send({ body }), await gateway.send({ path: '/v1/embeddings', body })];
  expect([JSON.parse(chat.text).object, JSON.parse(vectors.text).object]).toEqual(['chat.completion', 'list']);
});

describe('a stream', () => {
  const event = (delta: object, finishReason: string | null = null): string =>
    `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finishReason }] })}\n\n`;
  /** The model sends these events and then nothing, until the test says what. */
  const scripted = async (events: readonly string[]): Promise<{ readonly gateway: Running; readonly streams: readonly ServerResponse[] }> => {
    const streams: ServerResponse[] = [];
    const model = createServer((request, response) => {
      request.resume();
      streams.push(response.writeHead(200, { 'content-type': 'text/event-stream' }));
      response.write(events.join(''));
    });
    await new Promise<void>(resolve => { model.listen(0, '127.0.0.1', resolve); });
    closeAfter({
      close: () => new Promise(resolve => {
        model.close(resolve);
        model.closeAllConnections();
      }),
    });
    const url = `http://127.0.0.1:${(model.address() as AddressInfo).port}/v1`;
    return { streams, gateway: await Running.start({ tiers: [tier('Small', { model: 'scripted', endpoints: [{ url }] })], workflows: [{ id: 'DraftNote', tiers: ['Small'], route: CACHED }], keys: [KEY] }) };
  };
  const STREAM = ask('a', { stream: true });

  test.each(['breaks off', 'ends'])('that its client has left: kept only where the model says that it was all (it %s)', async how => {
    const { gateway, streams } = await scripted([event({ content: 'yes' }), event({}, 'stop')]);
    await gateway.chat(STREAM, { onData: () => 'leave' });
    await gateway.gone();
    if (how === 'ends') streams[0]!.end('data: [DONE]\n\n');
    else streams[0]!.destroy();
    expect((await gateway.record()).outcome).toBe('client-gone');
    const again = gateway.chat(STREAM);
    if (how !== 'ends') {
      await until(() => streams.length === 2);
      streams[1]!.end('data: [DONE]\n\n');
    }
    expect(streamed(await again)).toBe('yes');
    expect((await gateway.record(2)).route.cache).toBe(how === 'ends' ? 'hit' : 'miss');
  });

  test('nobody waits for one that will not be kept', async () => {
    const { gateway, streams } = await scripted([event({ tool_calls: [{ index: 0, id: 't1', type: 'function', function: { name: 'book', arguments: '{}' } }] })]);
    const leads = gateway.chat(STREAM);
    await until(() => streams.length === 1);
    const other = gateway.chat(STREAM);
    await until(() => streams.length === 2);
    for (const stream of streams) stream.end(`${event({}, 'tool_calls')}data: [DONE]\n\n`);
    expect((await Promise.all([leads, other])).map(({ status, complete }) => [status, complete])).toEqual([[200, true], [200, true]]);
    expect(gateway.records.map(({ route }) => route.cache)).toEqual(['miss', 'miss']);
  });
});
