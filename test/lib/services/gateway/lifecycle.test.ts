/** A new configuration while calls are under way, and an end that loses nothing. */
import { ServerResponse } from 'node:http';
import { InputError } from '../../../../lib/errors';
import { KEYS, Reply, Running, closeAfter, eventsOf, tier, until } from './running';
import { BadUpstream, DONE, delta, events } from './upstream/bad-upstream';

const USAGE = 'data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}}\n\n';

/** Streams of a model that speaks when the test says so. */
class Held {
  public static async start(): Promise<Held> {
    const held = new Held(await BadUpstream.start((response, socket) => {
      events(delta('one'))(response, socket);
      held.open.push(response);
    }));
    return closeAfter(held);
  }

  public readonly open: ServerResponse[] = [];

  private constructor(private readonly upstream: BadUpstream) {}

  public tier(): ReturnType<typeof tier> {
    return tier('Held', { model: 'held', endpoints: [{ url: this.upstream.url }] });
  }

  public finish(): void {
    for (const response of this.open.splice(0)) response.end(`${delta(' two')}${USAGE}${DONE}`);
  }

  public close(): Promise<void> {
    return this.upstream.close();
  }
}

async function withStream(): Promise<{ running: Running; held: Held; reply: Promise<Reply>; leave: () => void }> {
  const held = await Held.start();
  const running = await Running.start({ tiers: [held.tier()], workflows: [{ id: 'DraftNote', tiers: ['Held'] }] });
  let leaving = false;
  let begun: () => void = () => undefined;
  const began = new Promise<void>(resolve => { begun = resolve; });
  const reply = running.chat({ stream: true }, { onData: () => { begun(); if (leaving) return 'leave'; } });
  await began;
  return { running, held, reply, leave: () => { leaving = true; held.open[0]!.write(delta(' and')); } };
}

describe('a new configuration', () => {
  test('a stream ends on the old one, new calls go by the new one', async () => {
    const { running, held, reply } = await withStream();
    running.gateway.reload(() => running.config(model => ({
      tiers: [tier('New', model('mock-small?outputTokens=4'))], workflows: [{ id: 'Other', tiers: ['New'] }], keys: [{ id: 'south', tenant: 'south', workflow: 'Other', secret: { env: 'SOUTH' } }],
    })));
    expect((await running.chat({}, { key: KEYS.SOUTH })).headers['x-ai-margin-tier']).toBe('New');
    expect((await running.chat()).status).toBe(401);
    held.finish();
    expect(eventsOf((await reply).text)).toHaveLength(3);
    expect((await reply).complete).toBe(true);
    expect(running.records.map(({ workflow, tier: by, outcome }) => [workflow, by, outcome])).toEqual([['Other', 'New', 'answered'], [null, null, 'refused'], ['DraftNote', 'Held', 'answered']]);
  });

  test.each<[string, (running: Running) => ReturnType<Running['config']>, RegExp]>([
    ['that is not valid', () => { throw new InputError('gateway.json is not valid. tiers is missing.'); }, /tiers is missing/],
    ['whose key is nowhere', running => running.config({ keys: [{ id: 'notes', tenant: 'north', secret: { env: 'NOWHERE' } }] }), /keys\.0\.secret names the environment variable NOWHERE/],
    ['with a provider that nobody knows', running => running.config(model => ({ tiers: [tier('Small', model('m'), { provider: 'acme' })], workflows: [{ id: 'DraftNote', tiers: ['Small'] }] })), /tiers\.0 \(Small\)\.provider is "acme"/],
    ['with a price that nobody knows', running => running.config(model => ({
      tiers: [tier('Small', model('m'), { price: { provider: 'openai', model: 'gpt-99' } })], workflows: [{ id: 'DraftNote', tiers: ['Small'] }] })), /The tier Small has no known price/],
    ['of another gateway', running => running.config({ gatewayId: 'other' }), /gatewayId is other; it is test until the process ends/],
    ['that cannot even be read', () => { throw new TypeError('something is undefined'); }, /something is undefined/],
  ])('%s is refused whole, told, and counted; the old one serves on', async (_, read, reason) => {
    const running = await Running.start();
    running.gateway.reload(() => read(running));
    expect(running.log.filter(({ level }) => level === 50)).toEqual([expect.objectContaining({ msg: 'the new configuration is refused; the old one holds', reason: expect.stringMatching(reason) })]);
    expect((await running.chat()).headers['x-ai-margin-tier']).toBe('Premium');
    await running.gateway.stop(0);
    expect(running.metrics.find(line => 'ConfigRefused' in line)).toMatchObject({ ConfigRefused: 1 });
    expect(JSON.stringify(running.log)).not.toContain(KEYS.NOTES);
  });
});

describe('an end', () => {
  test('waits for streams and takes no new connection; a connection that is kept alive does not hold it up', async () => {
    const { running, held, reply } = await withStream();
    const kept = await running.client().chat.completions.create({ model: 'm', messages: [{ role: 'user', content: 'x' }], stream: true });
    await until(() => held.open.length === 2);
    let over = false;
    const stopped = running.gateway.stop(60_000).then(() => { over = true; });
    await expect(running.chat()).rejects.toThrow(/ECONNREFUSED/);
    expect(over).toBe(false);
    held.finish();
    let text = '';
    for await (const chunk of kept) text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toBe('one two');
    expect(await reply).toMatchObject({ complete: true, text: `${delta('one')}${delta(' two')}${DONE}` });
    await stopped;
    expect(running.records.map(({ outcome }) => outcome)).toEqual(['answered', 'answered']);
    expect(running.metrics.find(line => line.Workflow === 'DraftNote')).toMatchObject({ Calls: 2 });
  });

  test('waits for a stream whose client has left, too', async () => {
    const { running, held, reply, leave } = await withStream();
    leave();
    await reply;
    await running.gone();
    const stopped = running.gateway.stop(60_000);
    held.finish();
    await stopped;
    expect(await running.record()).toMatchObject({ outcome: 'client-gone', usage: 'provider', tokens: { input: 9, output: 2 } });
    expect(running.metrics.find(line => line.Workflow === 'DraftNote')).toMatchObject({ Calls: 1 });
  });

  test('comes in time: what does not end is cut off, written down as what it may come to, and told', async () => {
    const { running, reply } = await withStream();
    await running.gateway.stop(20);
    expect(await reply).toMatchObject({ complete: false });
    expect(await running.record()).toMatchObject({ outcome: 'client-gone', usage: 'estimated', tokens: { output: 100 } });
    expect(running.log.at(-1)).toMatchObject({ withinMs: 20, msg: 'calls were cut off, because they did not end in time' });
  });

  test('told twice is one end', async () => {
    const running = await Running.start();
    expect(running.gateway.stop(1000)).toBe(running.gateway.stop(1000));
    await running.gateway.stop(1000);
  });

  test('a gateway that stops says that it is not ready, on the connections that it still has', async () => {
    const { running, held, reply } = await withStream();
    const connection = await running.connection();
    connection.socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n');
    await until(() => connection.text.endsWith('{"status":"ok"}'));
    connection.socket.write('GET /readyz HTTP/1.1\r\nhost: x\r\n');
    await new Promise(resolve => { setTimeout(resolve, 20); });
    const stopped = running.gateway.stop(60_000);
    connection.socket.write('\r\n');
    expect(await connection.closed).toMatch(/503 Service Unavailable[^]*connection: close[^]*it is stopping/i);
    held.finish();
    await Promise.all([reply, stopped]);
  });
});
