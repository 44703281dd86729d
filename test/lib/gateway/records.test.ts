/** The book of usage records: numbered without gaps, as the contract says, one line each. */
import fc from 'fast-check';
import { usageRecordSchema } from '../../../lib/contracts/usage-record';
import { RecordBook } from '../../../lib/gateway/records';
import { ANSWERED, anyCall } from './usage-records';

test('a call\'s line is its record, with the number and the process', () => {
  const lines: string[] = [];
  const record = new RecordBook('p-1', line => lines.push(line)).add(ANSWERED);
  expect(record).toEqual({ ...ANSWERED, type: 'usage', version: 1, process: 'p-1', seq: 1 });
  expect(lines.map(line => usageRecordSchema.parse(JSON.parse(line)))).toEqual([record]);
});

test('whatever the calls, lines are numbered 1, 2, 3, ..., fit the schema and have no line break in them', () => {
  const texts = fc.record({ run: fc.string(), error: fc.string(), unknownCost: fc.string() });
  fc.assert(fc.property(fc.array(fc.tuple(anyCall, texts)), calls => {
    const lines: string[] = [];
    const book = new RecordBook('p-1', line => lines.push(line));
    for (const [call, text] of calls) book.add({ ...call, ...text });
    expect(lines.some(line => /[\r\n]/.test(line))).toBe(false);
    expect(lines.map(line => usageRecordSchema.parse(JSON.parse(line)).seq)).toEqual(calls.map((_, i) => i + 1));
  }));
});

test('a line that could not be written leaves a gap that shows', () => {
  const lines: string[] = [];
  let full = true;
  const book = new RecordBook('p-1', line => {
    if (full) throw new Error('the pipe is full');
    lines.push(line);
  });
  expect(() => book.add(ANSWERED)).toThrow('the pipe is full');
  full = false;
  expect(book.add(ANSWERED).seq).toBe(2);
  expect(lines).toHaveLength(1);
});
