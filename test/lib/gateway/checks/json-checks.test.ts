/** JSON answers against a route's schema, and calls of tools against the schemas that the request itself declares. */
import fc from 'fast-check';
import { parseAnswer } from '../../../../lib/gateway/checks/json';
import { ClientSchemas, clientsAjv } from '../../../../lib/gateway/checks/schemas';
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

test('they are forgotten together, since ajv keeps a part of each that it compiled', () => {
  let made = 0;
  const schemas = new ClientSchemas(() => {
    made++;
    return clientsAjv();
  });
  for (let i = 0; i < 256; i++) schemas.check({ title: String(i) });
  const last = schemas.check({ title: '255' });
  expect([made, schemas.check({ title: '255' }) === last]).toEqual([1, true]);
  schemas.check({ title: '256' });
  expect([made, schemas.check({ title: '255' }) === last]).toEqual([2, false]);
  for (let i = 1000; i < 2000; i++) schemas.check({ title: String(i) });
  expect(made).toBe(5);
});

test('a client\'s schema that is a trap is no trap: slow patterns are not tried, deep arguments do not end the process', () => {
  const schemas = new ClientSchemas();
  expect(schemas.check({ properties: { a: { type: 'string', pattern: '^(a+)+$' } } })({ a: `${'a'.repeat(60)}!` })).toBeUndefined();
  const deep = JSON.parse(`${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`) as unknown;
  expect(schemas.check({ $ref: '#/$defs/node', $defs: { node: { properties: { a: { $ref: '#/$defs/node' } } } } })(deep)).toBeUndefined();
  expect(schemas.check({ $async: true, type: 'object', required: ['a'] })({})).toBeUndefined();
  expect(schemas.check({ description: 'x'.repeat(20_001), required: ['a'] })({})).toBeUndefined();
});

/** Each forbids an object without a field; with what may be slow, or with so much, they are not tried. */
const missing = { type: 'object', required: ['a'] };
const nested = (levels: number): object => levels === 0 ? missing : { properties: { b: nested(levels - 1) } };
const anyOf = (count: number): object => ({ ...missing, anyOf: Array.from({ length: count }, (_, i) => ({ title: String(i) })) });

test.each<[string, object]>([
  ['a pattern', { ...missing, properties: { a: { pattern: '^.*a.*b.*c.*d$' } } }],
  ['a pattern that must not be', { ...missing, not: { properties: { a: { pattern: 'x' } } } }],
  ['patterns of names', { ...missing, patternProperties: { '^.*a.*b.*c$': {} }, additionalProperties: false }],
  ['names of a pattern', { ...missing, propertyNames: { pattern: '^.*a.*b.*c$' } }],
  ['a reference', { ...missing, properties: { a: { $ref: '#/$defs/x' } }, $defs: { x: {} } }],
  ['a reference beside others', { ...missing, $ref: '#/$defs/x', $defs: { x: {} } }],
  ['a dynamic reference', { ...missing, properties: { a: { $dynamicRef: '#x' } } }],
  ['unique items', { ...missing, properties: { a: { uniqueItems: true } } }],
  ['very many parts', anyOf(300)],
  ['very many values', { ...missing, properties: { a: { enum: Array.from({ length: 600 }, (_, i) => i) } } }],
  ['very deep parts', { ...missing, ...nested(20) }],
  ['parts so deep that they cannot be written', { ...missing, default: JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`) as unknown }],
])('a client\'s schema with %s allows every object, and nothing else', (_, schema) => {
  const check = new ClientSchemas().check(schema);
  expect([check({}), check([])]).toEqual([undefined, 'is not a JSON object']);
});

test.each<[string, object]>([
  ['fields that are called so', { ...missing, properties: { pattern: { type: 'string' }, uniqueItems: {}, $ref: {}, patternProperties: {} } }],
  ['definitions that nothing refers to', { ...missing, $defs: { x: { pattern: 'a' } } }],
  ['many parts', anyOf(200)],
  ['deep parts', { ...missing, ...nested(10) }],
])('one with %s is tried', (_, schema) => {
  expect(new ClientSchemas().check(schema)({})).toBe('is not what the schema allows: #/required');
});

test('references that double with each step are not followed', () => {
  const steps = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`d${i}`, { allOf: [{ $ref: `#/$defs/d${i + 1}` }, { $ref: `#/$defs/d${i + 1}` }] }]));
  expect(new ClientSchemas().check({ type: 'object', $defs: { ...steps, d40: { type: 'object' } }, allOf: [{ $ref: '#/$defs/d0' }] })({})).toBeUndefined();
});
