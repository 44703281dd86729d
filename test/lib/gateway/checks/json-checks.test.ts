/** JSON answers against a route's schema, and calls of tools against the schemas that the request itself declares. */
import fc from 'fast-check';
import { parseAnswer } from '../../../../lib/gateway/checks/json';
import { ClientSchemas } from '../../../../lib/gateway/checks/schemas';
import { ASKED, called, reason, said } from './answers';

const INVOICE = {
  kind: 'json-schema',
  schema: {
    type: 'object', required: ['number', 'total', 'lines'], additionalProperties: false,
    properties: {
      number: { type: 'string', pattern: '^[A-Z]{2}-\\d+$' }, total: { type: 'number', minimum: 0 }, currency: { enum: ['EUR', 'USD'] },
      lines: { type: 'array', items: { type: 'object', required: ['text', 'amount'], properties: { text: { type: 'string' }, amount: { type: 'number' } } } },
    },
  },
} as const;
const GOOD = { number: 'RE-2024118', total: 119, currency: 'EUR', lines: [{ text: 'Consulting', amount: 100 }, { text: 'VAT 19%', amount: 19 }] };

test.each([
  ['plain', JSON.stringify(GOOD)], ['pretty', `\n${JSON.stringify(GOOD, null, 2)}\n`], ['in a fence', `\`\`\`json\n${JSON.stringify(GOOD, null, 2)}\n\`\`\``], ['in a nameless fence', `\`\`\`\n${JSON.stringify(GOOD)}\n\`\`\`\n`],
])('an invoice that came %s passes', (_, text) => {
  expect(reason(INVOICE, said(text))).toBeUndefined();
});

test.each([
  ['Here is the JSON: {"number": "RE-1"}', 'is not JSON'],
  ['{"number": "RE-2024118", "total": 119, "lines": [', 'is not JSON'],
  ['', 'is not JSON'],
  [JSON.stringify({ ...GOOD, total: '119.00' }), 'is not what the schema allows: #/properties/total/type'],
  [JSON.stringify({ ...GOOD, number: '2024118' }), 'is not what the schema allows: #/properties/number/pattern'],
  [JSON.stringify({ ...GOOD, lines: [{ text: 'Consulting' }] }), 'is not what the schema allows: #/properties/lines/items/required'],
  [JSON.stringify({ ...GOOD, 'Jane Doe': 1 }), 'is not what the schema allows: #/additionalProperties'],
  ['[]', 'is not what the schema allows: #/type'],
])('%s: %s', (text, why) => {
  expect(reason(INVOICE, said(text))).toBe(why);
});

test('a clinical note with an unknown code fails, one that calls a tool first is not judged', () => {
  const note = { kind: 'json-schema', schema: { type: 'object', properties: { icd10: { type: 'string', pattern: '^[A-Z]\\d\\d(?:\\.\\d{1,2})?$' }, plan: { type: 'string', minLength: 3 } }, required: ['icd10', 'plan'] } } as const;
  expect(reason(note, said('{"icd10": "I20.9", "plan": "ECG, troponin, cardiology referral"}'))).toBeUndefined();
  expect(reason(note, said('{"icd10": "angina", "plan": "ECG"}'))).toBe('is not what the schema allows: #/properties/icd10/pattern');
  expect(reason(note, called('find_code', '{"text":"angina"}', 'Let me look that up.'))).toBeUndefined();
});

test('whatever is JSON is read, with a fence and without', () => {
  fc.assert(fc.property(fc.jsonValue(), fc.constantFrom('', 'json', 'JSON'), fc.constantFrom(0, 2), (value, name, indent) => {
    const text = JSON.stringify(value, null, indent);
    const read = { value: JSON.parse(text) as unknown };
    expect(parseAnswer(text)).toEqual(read);
    expect(parseAnswer(`\`\`\`${name}\n${text}\n\`\`\``)).toEqual(read);
  }));
});

const refund = { type: 'object', required: ['order', 'cents'], properties: { order: { type: 'string' }, cents: { type: 'integer', minimum: 1 } }, additionalProperties: false };
const tool = (name: string, parameters?: unknown): object => ({ type: 'function', function: { name, parameters } });
const BODY = { ...ASKED, tools: [tool('refund', refund), tool('list_orders'), tool('odd', { type: 'nothing' }), tool('elsewhere', { $ref: 'other.json' })] };

test.each([
  ['refund', '{"order": "A-1042", "cents": 4210}'], ['list_orders', ''], ['list_orders', '{"any": 1}'], ['odd', '{"any": 1}'], ['elsewhere', '{}'],
])('a call of %s with %s passes', (name, written) => {
  expect(reason({ kind: 'tool-call' }, called(name, written), BODY)).toBeUndefined();
});

test.each([
  ['refund', '{"order": "A-1042"}', 'calls refund with arguments whose JSON is not what the schema allows: #/required'],
  ['refund', '{"order": "A-1042", "cents": "42.10"}', 'calls refund with arguments whose JSON is not what the schema allows: #/properties/cents/type'],
  ['refund', '{"order": "A-1042", "cents": 42', 'calls refund with arguments that are not JSON'],
  ['odd', '[1]', 'calls odd with arguments whose JSON is not a JSON object'],
  ['list_orders', '"A-1042"', 'calls list_orders with arguments whose JSON is not a JSON object'],
  ['delete_everything', '{}', 'calls a tool that the request does not declare'],
])('a call of %s with %s does not', (name, written, why) => {
  expect(reason({ kind: 'tool-call' }, called(name, written), BODY)).toBe(why);
});

test('a required call fails on text, on another tool, and where nothing is declared', () => {
  expect(reason({ kind: 'tool-call' }, said('I have refunded your order.'), BODY)).toBe('calls no tool');
  expect(reason({ kind: 'tool-call', tool: 'refund' }, called('list_orders', '{}'), BODY)).toBe('does not call refund');
  expect(reason({ kind: 'tool-call', tool: 'refund' }, called('refund', '{"order":"A","cents":1}'), BODY)).toBeUndefined();
  expect(reason({ kind: 'tool-call' }, called('refund', '{}'))).toBe('calls a tool that the request does not declare');
});

test('the schemas of a client are forgotten, and two with the same $id are two', () => {
  const schemas = new ClientSchemas();
  const draft7 = { $schema: 'http://json-schema.org/draft-07/schema#', $id: 'args', type: 'object', required: ['a'] };
  expect(schemas.check(draft7)({})).toBe('is not what the schema allows: #/required');
  expect(schemas.check({ ...draft7, required: ['b'] })({ a: 1 })).toBe('is not what the schema allows: #/required');
  const first = schemas.check(draft7);
  expect(schemas.check({ ...draft7 })).toBe(first);
  for (let i = 0; i < 300; i++) schemas.check({ title: String(i) });
  expect(schemas.check(draft7)).not.toBe(first);
});

test('a client\'s schema that is a trap is no trap: slow patterns are not tried, deep arguments do not end the process', () => {
  const schemas = new ClientSchemas();
  expect(schemas.check({ properties: { a: { type: 'string', pattern: '^(a+)+$' } } })({ a: `${'a'.repeat(60)}!` })).toBeUndefined();
  const deep = JSON.parse(`${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`) as unknown;
  expect(schemas.check({ $ref: '#/$defs/node', $defs: { node: { properties: { a: { $ref: '#/$defs/node' } } } } })(deep)).toBe('is nested too deeply for its schema');
  expect(schemas.check({ $async: true, type: 'object', required: ['a'] })({})).toBeUndefined();
  expect(schemas.check({ description: 'x'.repeat(20_001), required: ['a'] })({})).toBeUndefined();
});
