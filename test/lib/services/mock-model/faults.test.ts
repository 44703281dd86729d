/** Each fault as a client meets it on the wire, with and without a stream, and what the mock model bills for it. */
import { FAULTS } from '../../../../lib/services/mock-model/faults';
import { Seen, chat, eventsOf, ledger } from './client';

const NAME = 'mock-small?outputTokens=6';
const STREAM = { stream: true };
const ERROR = { error: { type: 'server_error', code: 'ordered_fault', param: null, message: expect.any(String) } };

const whole = async (): Promise<string> => normal((await chat(NAME)).text);
const wholeEvents = async (): Promise<string[]> => eventsOf(normal((await chat(NAME, STREAM)).text));
/** Ids count the calls. */
const normal = (text: string): string => text.replace(/chatcmpl-mock-\d+/g, 'chatcmpl-mock-0');
const faulty = (fault: string, rest?: object): Promise<Seen> => chat(`${NAME}&fault=${fault}`, rest);

test.each([429, 500, 503, 529])('status=%i, with a retry-after on order', async status => {
  const { headers, text, ...seen } = await faulty(`status=${status}&retryAfterSeconds=7`, STREAM);
  expect(seen).toMatchObject({ status, complete: true });
  expect(headers).toMatchObject({ 'retry-after': '7', 'content-type': 'application/json' });
  expect(JSON.parse(text)).toMatchObject({ error: { code: 'ordered_status' } });
  expect((await faulty(`status=${status}`)).headers).not.toHaveProperty('retry-after');
});

test('reset: no byte, only a reset', async () => {
  await expect(faulty('reset')).rejects.toMatchObject({ code: 'ECONNRESET' });
});

test('hang: a call that left later is counted and not answered', async () => {
  const hanging = faulty('hang');
  hanging.catch(() => undefined);
  // The next call on another connection is answered while the first one hangs.
  await whole();
  while ((await ledger()).models['mock-small']?.calls !== 2) await new Promise(setImmediate);
  expect((await ledger()).models['mock-small']).toMatchObject({ calls: 2, billed: 1, answered: 1 });
});

test('empty, and not JSON', async () => {
  expect(await faulty('empty')).toMatchObject({ status: 200, text: '', complete: true });
  expect(await faulty('empty', STREAM)).toMatchObject({ status: 200, text: '', complete: true, headers: { 'content-type': 'text/event-stream; charset=utf-8' } });
  expect(await faulty('not-json')).toMatchObject({ status: 200, text: expect.stringMatching(/^<!DOCTYPE html>/), headers: { 'content-type': 'text/html' } });
});

test('error events, first and later', async () => {
  const first = eventsOf((await faulty('error-event-first', STREAM)).text);
  expect([JSON.parse(first[0]!), ...first.slice(1)]).toEqual([ERROR, '[DONE]']);
  const later = eventsOf(normal((await faulty('error-event-later', STREAM)).text));
  expect(later.slice(0, 4)).toEqual((await wholeEvents()).slice(0, 4));
  expect([JSON.parse(later[4]!), ...later.slice(5)]).toEqual([ERROR, '[DONE]']);
  for (const fault of ['error-event-first', 'error-event-later']) {
    const { status, text } = await faulty(fault);
    expect([status, JSON.parse(text)]).toEqual([200, ERROR]);
  }
});

test('truncate ends as if all were well, break does not; both half way', async () => {
  for (const [fault, complete] of [['truncate', true], ['break', false]] as const) {
    const body = await faulty(fault);
    expect([fault, body.complete]).toEqual([fault, complete]);
    expect((await whole()).startsWith(normal(body.text))).toBe(true);
    expect(body.text).not.toContain('finish_reason":"stop"');
    const stream = await faulty(fault, STREAM);
    expect([fault, stream.complete]).toEqual([fault, complete]);
    expect(eventsOf(normal(stream.text))).toEqual((await wholeEvents()).slice(0, 4));
  }
});

test('slow: the same bytes, in many pieces', async () => {
  const seen = await faulty('slow');
  expect(normal(seen.text)).toBe(await whole());
  expect(seen.complete).toBe(true);
  expect(seen.arrivals).toBeGreaterThan(20);
});

test('endless: far more than was ordered, until the client goes', async () => {
  for (const rest of [{}, STREAM]) {
    const { text } = await chat(`${NAME}&fault=endless`, rest, { leaveAfterBytes: 1_000_000 });
    expect(text.length).toBeGreaterThanOrEqual(1_000_000);
    expect(text).not.toContain('[DONE]');
  }
});

test('an event without choices comes first, then the whole answer', async () => {
  const [first, ...rest] = eventsOf(normal((await faulty('empty-choices-first', STREAM)).text));
  expect(JSON.parse(first!)).toMatchObject({ choices: [] });
  expect(rest).toEqual(await wholeEvents());
  expect(normal((await faulty('empty-choices-first')).text)).toBe(await whole());
});

test('faultEvery: each third call of exactly that name', async () => {
  const name = `${NAME}&fault=status=500&faultEvery=3`;
  const statuses: number[] = [];
  for (let i = 0; i < 7; i++) {
    statuses.push((await chat(name)).status);
    await chat(NAME);
  }
  expect(statuses).toEqual([200, 200, 500, 200, 200, 500, 200]);
});

test.each(Object.entries(FAULTS).map(([name, { billed }]) => [name, billed] as const))('%s: billed %s, and answered only when whole', async (name, billed) => {
  const model = `of-${name}?outputTokens=6&inputTokens=50&fault=${name.replace('NNN', '503')}`;
  const done = chat(model, name === 'slow' ? {} : STREAM, { leaveAfterBytes: name === 'endless' ? 10 : undefined }).catch(() => undefined);
  if (name !== 'hang') await done;
  while ((await ledger()).models[`of-${name}`] === undefined) await new Promise(setImmediate);
  expect((await ledger()).models[`of-${name}`]).toMatchObject({
    calls: 1, billed: billed ? 1 : 0, promptTokens: billed ? 50 : 0, completionTokens: billed ? 6 : 0,
    answered: name === 'slow' || name === 'empty-choices-first' ? 1 : 0,
  });
});
