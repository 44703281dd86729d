/** What no good client sends: bounded, refused with a reason that can be read, and without harm to the calls beside it. */
import { Agent, request } from 'node:http';
import OpenAI from 'openai';
import { HEAD, KEYS, MESSAGES, Running, asRequest, errorOf, until } from './running';

const small = { maxBodyBytes: 10_000 };
const CALL = JSON.stringify({ model: 'm', messages: MESSAGES });

describe('a body larger than allowed', () => {
  const TOO_LARGE = 'The body is larger than 10000 bytes, this gateway\'s maxBodyBytes: send less.';

  test('the official client reads why, though it was still sending', async () => {
    const running = await Running.start(small);
    const call = running.client().chat.completions.create({ model: 'm', messages: [{ role: 'user', content: 'x'.repeat(20_000_000) }] });
    await expect(call).rejects.toMatchObject({ status: 413, code: 'request_too_large', message: `413 ${TOO_LARGE}` });
    expect(await running.record()).toMatchObject({ outcome: 'refused', status: 413, error: 'request_too_large', workflow: 'DraftNote', tier: null });
  });

  test.each([
    ['announced', { 'content-length': '20000000' }],
    ['in chunks', { 'transfer-encoding': 'chunked' }],
  ])('a client that sends all of it before it reads, %s', async (_, headers) => {
    const running = await Running.start(small);
    const reply = await running.send({ body: Buffer.alloc(20_000_000, 0x20), headers });
    expect([reply.status, errorOf(reply).message, reply.headers.connection, reply.complete]).toEqual([413, TOO_LARGE, 'close', true]);
    expect(running.records).toHaveLength(1);
  });

  test('a client that does not look before it has sent all of it can send it, and reads why then', async () => {
    const running = await Running.start(small);
    const { socket, closed } = await running.connection();
    socket.pause();
    const error = await new Promise(resolve => { socket.write(asRequest('x'.repeat(20_000_000)), resolve); });
    socket.resume();
    expect([error ?? null, await closed]).toEqual([null, expect.stringMatching(/^HTTP\/1\.1 413 .*request_too_large/s)]);
  });

  test('exactly as large is not larger', async () => {
    const running = await Running.start(small);
    expect((await running.send({ body: CALL.padEnd(10_000) })).status).toBe(200);
    for (const headers of [undefined, { 'transfer-encoding': 'chunked' }]) expect((await running.send({ body: CALL.padEnd(10_001), headers })).status).toBe(413);
  });

  test('one without end is not read without end', async () => {
    const running = await Running.start(small);
    const { socket, closed } = await running.connection();
    const piece = Buffer.alloc(1024 * 1024, 0x20);
    const chunk = Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]);
    let sent = 0;
    const more = (): void => {
      if (socket.destroyed || !socket.writable) return;
      sent++;
      if (socket.write(chunk)) setImmediate(more);
      else socket.once('drain', more);
    };
    socket.write(`${HEAD}transfer-encoding: chunked\r\n\r\n`);
    more();
    expect(await closed).toMatch(/^HTTP\/1\.1 413 /);
    socket.destroy();
    expect(sent).toBeGreaterThan(100);
    expect(sent).toBeLessThan(200);
  }, 20_000);

  test('who is refused for another reason reads that, whatever the body', async () => {
    const running = await Running.start();
    for (const [path, key, status] of [['/v1/nothing', KEYS.NOTES, 404], ['/v1/models', KEYS.NOTES, 405], ['/v1/embeddings', 'nobody', 401]] as const) {
      expect((await running.send({ path, key, body: Buffer.alloc(20_000_000) })).status).toBe(status);
    }
  });
});

describe('a body that is no call', () => {
  test.each([
    ['nested 100,000 deep', `{"model":"m","messages":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ['nested 100,000 deep in a tool', `{"model":"m","messages":[{}],"tools":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`],
    ['not closed at all', '['.repeat(1_000_000)],
    ['of invalid UTF-8', Buffer.concat([Buffer.from('{"model":"'), Buffer.from([0xc0, 0x80]), Buffer.from('"}')])],
    ['of UTF-16', Buffer.from(CALL, 'utf16le')],
  ])('%s: 400, written down, and the next call is served', async (_, body) => {
    const running = await Running.start();
    const reply = await running.send({ body });
    expect([reply.status, errorOf(reply).code]).toEqual([400, 'invalid_json']);
    expect(await running.record()).toMatchObject({ outcome: 'refused', status: 400, error: 'invalid_json', tier: null });
    expect((await running.chat()).status).toBe(200);
  });
});

describe('headers and lines', () => {
  test.each([
    ['one huge header', `${HEAD}x-flood: ${'x'.repeat(20_000)}\r\n\r\n`, /^HTTP\/1\.1 431 .*more than 100 headers, or they are larger than 16384 bytes/s],
    ['more headers than anybody needs', `${HEAD}content-length: ${CALL.length}\r\n${'x-a: b\r\n'.repeat(150)}\r\n${CALL}`, /^HTTP\/1\.1 431 /],
    ['a flood of headers', `${HEAD}${'x-a: b\r\n'.repeat(10_000)}\r\n`, /^HTTP\/1\.1 431 /],
    ['no HTTP', 'EHLO example.org\r\n\r\n', /^HTTP\/1\.1 400 .*This is not HTTP/s],
    ['two lengths that contradict', `${HEAD}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`, /^HTTP\/1\.1 400 /],
    ['chunks that are none', `${HEAD}transfer-encoding: chunked\r\n\r\nxyz\r\n`, /^HTTP\/1\.1 400 /],
  ])('%s: refused, logged, and the connection closed although its other half stays open', async (_, bytes, expected) => {
    const running = await Running.start();
    const connection = await running.connection();
    connection.socket.write(bytes);
    expect(await connection.closed).toMatch(expected);
    await running.gone();
    expect(running.log).toContainEqual(expect.objectContaining({ level: 40, msg: 'a connection was refused' }));
    expect((await running.chat()).status).toBe(200);
    expect(JSON.stringify(running.log)).not.toContain(KEYS.NOTES);
  });
});

describe('connections', () => {
  test('one that sends a second call before the reply to the first is answered the first, and told', async () => {
    const running = await Running.start();
    const connection = await running.connection();
    connection.socket.write(asRequest(CALL) + asRequest(CALL));
    const text = await connection.closed;
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400']);
    expect(text).toContain('A connection takes one call at a time');
    expect(running.records).toHaveLength(1);
  });

  test('one that is closed by half is one whose client has left: metered, and closed', async () => {
    const running = await Running.start();
    const connection = await running.connection();
    connection.socket.end(asRequest(CALL));
    await connection.closed;
    const record = await running.record();
    expect(['client-gone', 'answered']).toContain(record.outcome);
    expect(record).toMatchObject({ usage: 'provider', tokens: { output: 4 } });
  });

  test('one that is kept alive serves call after call, of every kind, and nothing piles up on it', async () => {
    const running = await Running.start();
    const warnings: string[] = [];
    const warned = (warning: Error): void => { warnings.push(warning.name); };
    process.on('warning', warned);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set<number | undefined>();
    const call = (body: string): Promise<number | undefined> => new Promise((resolve, reject) => {
      const sent = request({ agent, port: running.port, method: 'POST', path: '/v1/chat/completions', headers: { authorization: `Bearer ${KEYS.NOTES}` } }, response => {
        ports.add(response.socket.localPort);
        response.resume().on('end', () => { resolve(response.statusCode); });
      });
      sent.on('error', reject).end(body);
    });
    const bodies = [CALL, JSON.stringify({ model: 'm', messages: MESSAGES, stream: true }), '{"model":"m"}'];
    for (let i = 0; i < 45; i++) expect(await call(bodies[i % 3]!)).toBe(i % 3 === 2 ? 400 : 200);
    agent.destroy();
    process.off('warning', warned);
    expect([ports.size, warnings]).toEqual([1, []]);
    await running.record(45);
  });

  test('many at once, some of which leave: each is written down once', async () => {
    const running = await Running.start();
    await Promise.all(Array.from({ length: 60 }, (_, i) => running.chat({ stream: i % 2 === 0 }, { onData: () => i % 4 === 0 ? 'leave' : undefined }).catch(() => undefined)));
    await until(() => running.records.length === 60);
    await running.record(60);
    expect(new Set(running.records.map(({ request: id }) => id)).size).toBe(60);
    expect(running.records.every(({ usage }) => usage === 'provider')).toBe(true);
    expect(running.mock.bill.document(false).models['mock-large']).toMatchObject({ calls: 60, completionTokens: 240 });
  });

  test('a client that asks again and again with a wrong key is only refused', async () => {
    const running = await Running.start();
    const client = new OpenAI({ baseURL: `http://127.0.0.1:${running.port}/v1`, apiKey: 'nobody', maxRetries: 3 });
    for (let i = 0; i < 5; i++) await expect(client.chat.completions.create({ model: 'm', messages: MESSAGES })).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
    expect(running.records.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401]);
  });
});
