/** What a limit of the prompt costs a call, in microseconds: `npx tsx scripts/bench/trim.ts`. */
import { stdout } from 'node:process';
import { Message } from '../../lib/gateway/conversation';
import { TokenCalibration } from '../../lib/gateway/estimate';
import { fitPrompt } from '../../lib/gateway/prompt/fit-prompt';
import { tokenCounter } from '../../lib/services/gateway/token-counter/token-counter';

const print = (line: string): void => { stdout.write(`${line}\n`); };

/** Prose without a long repetition: words that come back in another order. */
function prose(characters: number, seed: number): string {
  const words = 'the invoice of March was paid late because a customer in Norway asked why her parcel with 3 lamps (order 48213) has not come, and support said: soon.'.split(' ');
  let [state, text] = [seed, ''];
  while (text.length < characters) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    text += `${words[state % words.length]!} `;
  }
  return text.slice(0, characters);
}

const chat = (turns: number, more: (i: number) => string): readonly Message[] => Array.from({ length: turns }, (_, i): Message[] => [
  { role: 'user', content: `${prose(400, i)}${more(i)}` }, { role: 'assistant', content: prose(600, i + 10_000) },
]).flat().concat([{ role: 'user', content: 'And now?' }]);

/** The median of `runs`, after as many to get warm. */
function microseconds(runs: number, work: () => void): number {
  for (let i = 0; i < runs; i++) work();
  const taken = Array.from({ length: runs }, () => {
    const from = performance.now();
    work();
    return (performance.now() - from) * 1000;
  });
  return taken.sort((a, b) => a - b)[Math.floor(runs / 2)]!;
}

const from = performance.now();
const count = tokenCounter();
print(`the counter is loaded in ${(performance.now() - from).toFixed(0)} ms, once\n`);

const calibration = new TokenCalibration();
const passages = Array.from({ length: 10 }, (_, i) => prose(700, i + 20_000));
const plain = { model: 'm', messages: chat(100, () => '') };
const retrieved = { model: 'm', messages: chat(100, i => `\n\n[1] ${passages[i % 10]!}\n\n[2] ${passages[(i * 7) % 10]!}`) };
const fit = (body: typeof plain, maxInput: number) => (): void => {
  fitPrompt(body, Buffer.byteLength(JSON.stringify(body)), { maxInput, trim: true }, calibration, count);
};
const bytes = Buffer.byteLength(JSON.stringify(plain));
const texts = [400, 30_000].map(length => prose(length, 7));

const ROWS: readonly (readonly [string, number, () => void])[] = [
  ['far below the limit: 100 turns', 2_000, () => { fitPrompt(plain, bytes, { maxInput: 1_000_000, trim: true }, calibration, count); }],
  ['counting 400 characters', 2_000, () => { count(texts[0]!); }],
  ['counting 30,000 characters', 200, () => { count(texts[1]!); }],
  ['100 turns, counted and not trimmed', 30, fit(plain, 30_000)],
  ['100 turns, one cut', 30, fit(plain, 20_000)],
  ['100 turns, ten cuts', 30, fit(plain, 5_000)],
  ['100 turns with retrieved passages, trimmed', 30, fit(retrieved, 30_000)],
];
print('| step | µs |\n|---|---|');
for (const [name, runs, work] of ROWS) print(`| ${name} | ${microseconds(runs, work).toFixed(1)} |`);
