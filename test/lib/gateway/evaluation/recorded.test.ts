/** Recorded answers as they come in files, and files that are none. */
import fc from 'fast-check';
import { readRecorded } from '../../../../lib/gateway/evaluation/recorded';
import { PROBLEMS, ProblemLine, jsonLines, recorded } from './problems';

const [LINE] = PROBLEMS as [ProblemLine];
const read = (text: string): ReturnType<typeof readRecorded> => readRecorded(text, 'answers.jsonl');

test('a line is a record, with its task where it has one', () => {
  expect(read(jsonLines(PROBLEMS))).toEqual(recorded());
  expect(read(jsonLines([{ ...LINE, task: 'sums' }, { ...LINE, task: null }])).map(({ task }) => task)).toEqual(['sums', undefined]);
});

test('blank lines, line ends of Windows, a byte order mark and what nobody needs do no harm; lines keep their numbers', () => {
  const records = read(`\uFEFF${JSON.stringify({ ...LINE, id: 4711 })}\r\n\r\n${JSON.stringify({ ...LINE, weak_correct: 0.5 })}`);
  expect(records.map(({ line, weak }) => [line, weak.correct])).toEqual([[1, 1], [3, 0.5]]);
});

test.each<[string, unknown, RegExp]>([
  ['correct above 1', { ...LINE, weak_correct: 2 }, /answers\.jsonl line 2: weak_correct is 2\. .*from 0 to 1/],
  ['correct as true', { ...LINE, strong_correct: true }, /line 2: strong_correct is true\./],
  ['correct as a text', { ...LINE, strong_correct: 'Confidential' }, /line 2: strong_correct is a text\./],
  ['no answer', { ...LINE, weak_response: undefined }, /line 2: weak_response is missing\./],
  ['an answer that is a list', { ...LINE, strong_response: ['Confidential'] }, /line 2: strong_response is a list\./],
  ['an empty prompt', { ...LINE, prompt: '' }, /line 2: prompt is empty\./],
  ['a task that is a number', { ...LINE, task: 7 }, /line 2: task is 7\./],
  ['a text', 'Confidential', /line 2: it is a text\./],
  ['null', null, /line 2: it is null\./],
])('%s is one clear error, without a word of the text', (_, line, message) => {
  const text = jsonLines([LINE, line, {}]);
  expect(() => read(text)).toThrow(message);
  expect(() => read(text)).not.toThrow(/Confidential|line 3/);
});

test('what is not JSON is told without a word of it', () => {
  expect(() => read(`${JSON.stringify(LINE)}\n{"prompt": "Confidential`)).toThrow(/^answers\.jsonl line 2: it is not JSON\. Each line is to be a JSON object with prompt/);
  expect(() => read('Confidential')).not.toThrow('Confidential');
});

test('a file without a record is told', () => {
  for (const text of ['', '\n \n', '\uFEFF']) expect(() => read(text)).toThrow('answers.jsonl has no records.');
});

test('whatever the texts are, they come as they were', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', minLength: 1 }), fc.string({ unit: 'binary' }), fc.double({ min: 0, max: 1, noNaN: true }), (prompt, response, correct) => {
    const [record] = read(jsonLines([{ ...LINE, prompt, weak_response: response, weak_correct: correct }]));
    expect(record).toMatchObject({ prompt, weak: { response, correct: correct === 0 ? 0 : correct } });
  }));
});
