/** What it takes to hold a prompt against its limit: nearly nothing far below it, a count near it, a cut beyond. Judges nothing. */
import { cpus } from 'node:os';
import { Message } from '../../lib/gateway/conversation';
import { TokenCalibration } from '../../lib/gateway/estimate';
import { fitPrompt } from '../../lib/gateway/prompt/fit-prompt';
import { tokenCounter } from '../../lib/services/gateway/token-counter/token-counter';

const ROUNDS = 7;
const ROUND_MS = 200;
const SENTENCE = 'The northern line was inspected by the foreman, who found nine worn sleepers between kilometres two and five. ';
const count = tokenCounter();

const turns = (number: number): Message[] => Array.from({ length: number }, (_, i): Message[] => [
  { role: 'user', content: `Question ${i}: ${SENTENCE.repeat(3)}` }, { role: 'assistant', content: `Answer ${i}: ${SENTENCE.repeat(4)}` },
]).flat();
const fitting = (messages: readonly Message[], maxInput: number): () => unknown => {
  const body = { model: 'm', messages };
  const bytes = JSON.stringify(body).length;
  const calibration = new TokenCalibration();
  return () => fitPrompt(body, bytes, { maxInput, trim: true }, calibration, count);
};

/** Microseconds, the median of the rounds. */
function measure(work: () => unknown): number {
  const round = (): number => {
    const started = performance.now();
    let [times, spent] = [0, 0];
    for (; spent < ROUND_MS; spent = performance.now() - started, times++) work();
    return spent * 1_000 / times;
  };
  round();
  return Array.from({ length: ROUNDS }, round).toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)]!;
}

const CASES: readonly (readonly [string, () => unknown])[] = [
  ['far below the limit: nothing is counted', fitting(turns(5), 8_000)],
  ['400 characters counted', () => count(SENTENCE.repeat(4).slice(0, 400))],
  ['30,000 characters counted', () => count(SENTENCE.repeat(300).slice(0, 30_000))],
  ['100 turns counted, none cut', fitting(turns(100), 18_500)],
  ['100 turns cut to a limit of 8,000', fitting(turns(100), 8_000)],
];

const print = (line: string): void => void process.stdout.write(`${line}\n`);
print(`${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.version}; medians of ${ROUNDS} rounds`);
print(`${'prompt'.padEnd(44)}           us`);
for (const [name, work] of CASES) print(`${name.padEnd(44)}${measure(work).toFixed(1).padStart(13)}`);
