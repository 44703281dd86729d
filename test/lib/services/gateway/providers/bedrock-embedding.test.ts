import { OpenAiBody } from '../../../../../lib/services/gateway/upstream/upstream';
import { Told, ask, endpoint, request, tier } from './asking';
import { ModelServer, json } from './model-server';

let server: ModelServer;

beforeEach(async () => { server = await ModelServer.start(); });
afterEach(() => server.close());

async function embed(model: string, body: Omit<OpenAiBody, 'model'>): Promise<Told> {
  const bedrock = endpoint(tier('bedrock', model, 'embedding'), { url: server.url, region: 'us-east-1' }, 'key');
  const told = await ask(bedrock, request(body, '/embeddings'));
  await bedrock.close();
  return told;
}

test('Titan takes one text a call: a list becomes several, in order, and their tokens are added', async () => {
  server.behaviour = response => {
    const { inputText } = server.asked.at(-1)!.body as { inputText: string };
    json({ embedding: [Number(inputText), 0.5], inputTextTokenCount: 3 })(response);
  };
  const told = await embed('amazon.titan-embed-text-v2:0', { input: ['1', '2', '3', '4', '5', '6'], dimensions: 256 });
  expect(told.text).toBe(JSON.stringify({
    object: 'list', data: [1, 2, 3, 4, 5, 6].map((n, index) => ({ object: 'embedding', index, embedding: [n, 0.5] })), model: 'm', usage: { prompt_tokens: 18, total_tokens: 18 },
  }));
  expect(server.asked[0]).toMatchObject({ path: '/model/amazon.titan-embed-text-v2%3A0/invoke', body: { inputText: '1', dimensions: 256 } });
});

test('base64 is little-endian floats, as the OpenAI client asks by default', async () => {
  server.behaviour = json({ embedding: [1, -2], inputTextTokenCount: 3 });
  const { data } = JSON.parse((await embed('amazon.titan-embed-text-v2:0', { input: 'x', encoding_format: 'base64' })).text) as { data: { embedding: string }[] };
  expect(data[0]?.embedding).toBe(Buffer.from([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]).toString('base64'));
});

test('Cohere takes many, by its own names; tokens it does not tell are not 0', async () => {
  server.behaviour = json({ embeddings: { float: [[1], [2]] } }, 200, { 'x-amzn-bedrock-input-token-count': '9' });
  expect(JSON.parse((await embed('us.cohere.embed-v4:0', { input: ['a', 'b'], dimensions: 512, input_type: 'search_document' })).text)).toMatchObject({ usage: { prompt_tokens: 9, total_tokens: 9 } });
  expect(server.asked[0]?.body).toEqual({ input_type: 'search_document', texts: ['a', 'b'], output_dimension: 512 });
  server.behaviour = json({ embeddings: { float: [[1], [2]] } });
  expect(JSON.parse((await embed('us.cohere.embed-v4:0', { input: ['a', 'b'] })).text)).not.toHaveProperty('usage');
});

test.each<[string, Omit<OpenAiBody, 'model'>]>([
  ['input', {}], ['input', { input: [] }], ['input', { input: [[1, 2]] }], ['encoding_format', { input: 'x', encoding_format: 'hex' }], ['dimensions', { input: 'x', dimensions: -1 }],
])('%s is refused by name', async (param, body) => {
  const told = await embed('amazon.titan-embed-text-v2:0', body);
  expect(told.head?.status).toBe(400);
  expect(JSON.parse(told.text)).toMatchObject({ error: { param } });
});

test('a dimension the model does not have is the caller\'s mistake', async () => {
  expect((await embed('amazon.titan-embed-text-v2:0', { input: 'x', dimensions: 77 })).head?.status).toBe(400);
  expect(server.asked).toHaveLength(0);
});

test('an error of one of several calls is the answer', async () => {
  server.behaviour = response => { json({ message: 'Slow' }, 429)(response); };
  expect(await embed('amazon.titan-embed-text-v2:0', { input: ['1', '2', '3'] })).toMatchObject({ head: { status: 429 }, events: ['head', 'data', 'end'] });
});
