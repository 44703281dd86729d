/** What each hard check of an answer costs: microseconds for a real-looking answer of some 1,500 characters. Prints; judges nothing. */
import { cpus } from 'node:os';
import { CheckConfig } from '../../lib/contracts/gateway-route';
import { compileChecks } from '../../lib/gateway/checks/checks';
import { CallBody } from '../../lib/gateway/request-body';

const ROUNDS = 31;
const ROUND_MS = 20;

type Fields = Readonly<Record<string, unknown>>;

const SOURCES = [
  '[1] The tenant may terminate the lease with three months\' notice to the end of a quarter. Notice is given in writing.',
  '[2] The deposit of three monthly rents is returned within six weeks after the keys are handed over, less what is owed.',
  '[3] Small repairs up to 110 EUR each are paid by the tenant, at most 8% of the yearly rent in total.',
];
const LETTER = [
  'Thank you for your question about the end of your lease. Here is what the documents say, and what it comes to in your case.',
  'You can leave "with three months\' notice to the end of a quarter" [1]. If your letter arrives before the end of March, the lease ends on 30 June. Please send it by registered mail, since notice has to be given in writing.',
  'The deposit is 3 * 1,150 = 3,450 EUR. It "is returned within six weeks after the keys are handed over" [2], so by the middle of August at the latest, if you hand over the keys on the last day of June.',
  'The landlord may keep what is still owed. You mention two repairs of 85 and 96 EUR: 85 + 96 = 181 EUR. Both are below 110 EUR, so they are yours to pay [3]; the yearly limit is 12 * 1,150 * 8 / 100 = 1,104 EUR, which you have not reached.',
  'What remains is 3,450 - 181 = 3,269 EUR. If the landlord wants to keep more, for instance for the scratches on the floor of the living room, he has to show that they go beyond ordinary wear, and he has to give you a list of what he has deducted together with the invoices.',
  'I would suggest to take photographs of all the rooms on the day you hand over the keys, to write down the readings of the meters for water, gas and electricity, and to have both signed by the landlord or by a witness. That way you will hardly have to argue about the state of the flat afterwards.',
  '#### 3269',
].join('\n\n');

const INVOICE = JSON.stringify({
  number: 'RE-2024118', currency: 'EUR', total: 2_142,
  lines: Array.from({ length: 18 }, (_, i) => ({ position: i + 1, text: `Consulting, week ${i + 1}, on site`, amount: 119, taxRate: 19 })),
});
const LINE = {
  type: 'object', required: ['position', 'text', 'amount'],
  properties: { position: { type: 'integer', minimum: 1 }, text: { type: 'string', minLength: 1 }, amount: { type: 'number' }, taxRate: { enum: [0, 7, 19] } },
};
const SCHEMA = {
  type: 'object', required: ['number', 'total', 'lines'], additionalProperties: false,
  properties: { number: { type: 'string', pattern: '^[A-Z]{2}-\\d+$' }, currency: { enum: ['EUR', 'USD'] }, total: { type: 'number', minimum: 0 }, lines: { type: 'array', minItems: 1, items: LINE } },
};

const body = (more: Fields = {}): CallBody => ({ model: 'small', messages: [{ role: 'system', content: SOURCES.join('\n') }, { role: 'user', content: 'When do I get my deposit back?' }], ...more });
/** A client's own, in which no pattern is tried. */
const PARAMETERS = { ...SCHEMA, properties: { ...SCHEMA.properties, number: { type: 'string' } } };
const booked = (i: number): CallBody => body({ tools: [{ type: 'function', function: { name: 'book', parameters: { ...PARAMETERS, description: String(i) } } }] });
const said = (content: string): Fields => ({ choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }] });
const called = { choices: [{ index: 0, message: { role: 'assistant', content: null, tool_calls: [{ id: 'c1', type: 'function', function: { name: 'book', arguments: INVOICE } }] }, finish_reason: 'tool_calls' }] };

interface Case {
  readonly name: string;
  readonly config: CheckConfig;
  readonly completion: Fields;
  readonly bodies: readonly CallBody[];
}

const letter = (config: CheckConfig): Case => ({ name: config.kind, config, completion: said(LETTER), bodies: [body()] });
const CASES: readonly Case[] = [
  letter({ kind: 'finish-reason' }),
  { name: 'json-schema', config: { kind: 'json-schema', schema: SCHEMA }, completion: said(INVOICE), bodies: [body()] },
  letter({ kind: 'regex', pattern: '####\\s*-?\\$?\\d', flags: '', absent: false }),
  letter({ kind: 'length', min: 200, max: 4_000 }),
  letter({ kind: 'refusal' }),
  letter({ kind: 'language', languages: ['en'] }),
  letter({ kind: 'numeric-recompute' }),
  letter({ kind: 'citations', min: 1 }),
  { name: 'tool-call, schema known', config: { kind: 'tool-call' }, completion: called, bodies: [booked(0)] },
  // More of them than are remembered.
  { name: 'tool-call, new schema each time', config: { kind: 'tool-call' }, completion: called, bodies: Array.from({ length: 500 }, (_, i) => booked(i)) },
];

/** Microseconds per answer, the median of the rounds. */
function measure({ name, config, completion, bodies }: Case): number {
  const checks = compileChecks([config]);
  if (checks.failed(completion, bodies[0]!).length > 0) throw new Error(`The check ${name} fails on the answer that it is measured with: half of the work would not be done.`);
  let next = 0;
  const round = (): number => {
    const started = performance.now();
    let [answers, spent] = [0, 0];
    for (; spent < ROUND_MS; spent = performance.now() - started) {
      for (let i = 0; i < 10; i++) checks.failed(completion, bodies[next++ % bodies.length]!);
      answers += 10;
    }
    return spent * 1_000 / answers;
  };
  for (let i = 0; i < ROUNDS / 3; i++) round();
  return Array.from({ length: ROUNDS }, round).toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)]!;
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);

print(`${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.version}; an answer of ${LETTER.length} characters, JSON of ${INVOICE.length}; medians of ${ROUNDS} rounds`);
print(`${'check'.padEnd(34)}us per answer`);
for (const each of CASES) print(`${each.name.padEnd(34)}${measure(each).toFixed(1).padStart(13)}`);
