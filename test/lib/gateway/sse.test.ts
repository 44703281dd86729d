/** Events come out whole and the same however the bytes are cut, and no event may fill the memory. */
import fc from 'fast-check';
import { EventSplitter, EventTooLong, MAX_EVENT_BYTES, eventData, eventName, isDone } from '../../../lib/gateway/sse';

const split = (chunks: readonly Buffer[]): { events: string[]; rest: string } => {
  const splitter = new EventSplitter();
  const events = chunks.flatMap(chunk => [...splitter.push(chunk)]);
  return { events: events.map(event => event.toString('latin1')), rest: splitter.rest().toString('latin1') };
};

/** Cut at the places given, in bytes: also within a character, a line end, a blank line. */
const cutAt = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
  const places = [0, ...[...cuts].map(cut => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, i) => bytes.subarray(places[i], end));
};

const line = fc.oneof(
  fc.constantFrom('data: {"a":1}', 'data: [DONE]', ': ping', 'event: error', 'data:', 'id: 7', 'data: ü€😀'),
  fc.string({ unit: fc.constantFrom('x', '"', '\r', 'é', ' ') }).filter(text => text !== '' && text !== '\r').map(text => `data: ${text}x`),
);
const event = fc.tuple(fc.array(line, { minLength: 1, maxLength: 4 }), fc.constantFrom('\n', '\r\n'))
  .map(([lines, lineEnd]) => `${lines.join(lineEnd)}${lineEnd}${lineEnd}`);

describe('the splitter', () => {
  test('gives the events that went in, whichever way they are cut', () => {
    fc.assert(fc.property(fc.array(event), fc.constantFrom('', 'data: half', 'data: half\r\n', 'data: h\n'), fc.array(fc.nat()), (events, rest, cuts) => {
      const bytes = Buffer.from(events.join('') + rest);
      const expected = { events: events.map(text => Buffer.from(text).toString('latin1')), rest };
      expect(split(cutAt(bytes, cuts))).toEqual(expected);
      expect(split([...bytes].map(byte => Buffer.from([byte])))).toEqual(expected);
    }));
  });

  test('loses and adds no byte of whatever comes, and finds the same in any chunks', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom(10, 10, 13, 58, 100)), fc.array(fc.nat()), (raw, cuts) => {
      const bytes = Buffer.from(raw);
      const whole = split([bytes]);
      expect(whole.events.join('') + whole.rest).toBe(bytes.toString('latin1'));
      expect(split(cutAt(bytes, cuts))).toEqual(whole);
    }));
  });

  test('copies nothing where a chunk holds whole events', () => {
    const chunk = Buffer.from('data: 1\n\ndata: 2\r\n\r\n');
    const events = new EventSplitter().push(chunk);
    expect(events.map(String)).toEqual(['data: 1\n\n', 'data: 2\r\n\r\n']);
    for (const each of events) expect(each.buffer).toBe(chunk.buffer);
  });

  test('refuses an event that grows beyond its bound, in one chunk or in many', () => {
    expect(() => new EventSplitter().push(Buffer.alloc(MAX_EVENT_BYTES + 1, 'x'))).toThrow(EventTooLong);
    expect(() => new EventSplitter().push(Buffer.concat([Buffer.alloc(MAX_EVENT_BYTES, 'x'), Buffer.from('\n\n')]))).toThrow('more than 4 MB');
    const splitter = new EventSplitter();
    const chunk = Buffer.alloc(64 * 1024, 'x');
    expect(() => { for (let i = 0; i < 65; i++) splitter.push(chunk); }).toThrow(EventTooLong);
  });

  test('takes an event at its bound', () => {
    const event = Buffer.concat([Buffer.alloc(MAX_EVENT_BYTES - 2, 'x'), Buffer.from('\n\n')]);
    expect(new EventSplitter().push(event)).toHaveLength(1);
  });
});

describe('an event', () => {
  test.each([
    ['data: {"a":1}\n\n', '{"a":1}'],
    ['data:{"a":1}\r\n\r\n', '{"a":1}'],
    ['event: delta\ndata: 1\ndata: 2\n\n', '1\n2'],
    [': ping\ndata\n\n', ''],
    [': ping\n\n', undefined],
    ['database: 1\n\n', undefined],
    ['\n\n', undefined],
  ])('%j has the data %j', (text, data) => {
    expect(eventData(Buffer.from(text))).toBe(data);
  });

  test('has a name where it gives one', () => {
    expect(eventName(Buffer.from('event: error\ndata: {}\n\n'))).toBe('error');
    expect(eventName(Buffer.from('data: {}\n\n'))).toBeUndefined();
  });

  test('is the last one only when its data is [DONE]', () => {
    for (const text of ['data: [DONE]\n\n', 'data:[DONE]\r\n\r\n', '\ndata: [DONE]\n\n']) expect(isDone(Buffer.from(text))).toBe(true);
    for (const text of ['data: "[DONE]"\n\n', ': [DONE]\n\n', '']) expect(isDone(Buffer.from(text))).toBe(false);
  });
});
