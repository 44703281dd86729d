/** A dozen problems with the answers of two made-up models, and a gateway's configuration to answer them by. */
import { GatewayConfig, GatewayConfigInput, gatewayConfigSchema } from '../../../../lib/contracts/gateway';
import { Recorded, RecordedAnswer } from '../../../../lib/gateway/evaluation/recorded';

export interface ProblemLine {
  readonly prompt: string;
  readonly weak_correct: number;
  readonly strong_correct: number;
  readonly weak_response: string;
  readonly strong_response: string;
  readonly task?: string;
}

const right = (response: string): RecordedAnswer => ({ response, correct: 1 });
const wrong = (response: string): RecordedAnswer => ({ response, correct: 0 });
const problem = (prompt: string, weak: RecordedAnswer, strong: RecordedAnswer): ProblemLine =>
  ({ prompt, weak_correct: weak.correct, strong_correct: strong.correct, weak_response: weak.response, strong_response: strong.response });

/**
 * Of the cheap answers 8 are right and 4 wrong; 4 fail a check, of which 3 are wrong. Of the premium ones 10 are right. The route
 * gives 9 right ones: so it recovers half of the gap.
 */
export const PROBLEMS: readonly ProblemLine[] = [
  problem('A crate holds 6 jars. How many jars are in 4 crates?', right('4 crates hold 4*6=24 jars.\n#### 24'), right('Each crate holds 6 jars, so 4 crates hold 4*6=24 jars.\n#### 24')),
  problem('Nora walks 3 km a day. How far does she walk in a week?', right('7*3=21 km.\n#### 21'), right('A week has 7 days: 7*3=21 km.\n#### 21')),
  problem('A tram has 40 seats and 13 are taken. How many are free?', right('40-13=27 seats.\n#### 27'), right('Of 40 seats 13 are taken, so 40-13=27 are free.\n#### 27')),
  problem('Ivo saves $15 a month. How much in a year?', right('12*15=180 dollars.\n#### 180'), right('A year has 12 months: 12*15=180 dollars.\n#### 180')),
  problem('Three friends share 51 cards evenly. How many each?', right('51/3=17 cards.\n#### 17'), right('Each of the 3 friends gets 51/3=17 cards.\n#### 17')),
  problem('A pump moves 9 litres a minute. How much in 20 minutes?', right('20*9=180 litres.\n#### 180'), right('In 20 minutes it moves 20*9=180 litres.\n#### 180')),
  // Cut, and found by its missing result.
  problem('Tickets cost $7, and a group buys 12 and gets $10 off. What do they pay?', wrong('12*7=84 dollars, then they get'), right('12*7=84 dollars, less 10 is 84-10=74.\n#### 74')),
  // Wrong sums, found.
  problem('A baker fills 14 trays of 12 rolls. How many rolls?', wrong('14*12=158 rolls.\n#### 158'), right('14 trays of 12 are 14*12=168 rolls.\n#### 168')),
  // Wrong without a wrong sum, so not found.
  problem('Lea had 30 pears, ate 5 and sold half of the rest. How many did she sell?', wrong('30/2=15 pears.\n#### 15'), right('30-5=25 are left, half is 25/2=12.5, so 12.\n#### 12')),
  // Right, but fails a check; and so does the premium one, which is wrong.
  problem('A rope of 18 m is cut in pieces of 2 m. How many cuts?', right('18/2=9 pieces need 9-1=8 cuts.'), wrong('18/2=9 cuts.')),
  // Both wrong.
  problem('Two taps fill 5 and 8 litres a minute. How long for 78 litres?', wrong('5+8=14 litres a minute, so 5.6 minutes.\n#### 5.6'), wrong('78/5=15.6 minutes.\n#### 15.6')),
  problem('A clock loses 2 minutes a day. How many in 31 days?', right('31*2=62 minutes.\n#### 62'), right('31 days of 2 minutes are 31*2=62 minutes.\n#### 62')),
];

export const jsonLines = (problems: readonly unknown[]): string => `${problems.map(each => JSON.stringify(each)).join('\n')}\n`;

export const recorded = (problems: readonly ProblemLine[] = PROBLEMS): Recorded[] => problems.map((each, i) => ({
  line: i + 1, prompt: each.prompt, task: each.task,
  weak: { response: each.weak_response, correct: each.weak_correct }, strong: { response: each.strong_response, correct: each.strong_correct },
}));

type Route = NonNullable<GatewayConfigInput['workflows'][number]['route']>;

/** Dollars per million tokens: 1 in and 2 out for the cheap tier, ten times as much for the premium one. */
export function configuration(route: Route = {}, tiers: readonly string[] = ['small', 'large']): GatewayConfigInput {
  const price = (usd: number): GatewayConfigInput['tiers'][number]['price'] => ({ usdPerMillionTokens: { input: usd, output: 2 * usd }, source: 'a contract' });
  const endpoints = [{ url: 'http://127.0.0.1:9/v1', apiKey: { env: 'A_KEY_THAT_IS_NOT_THERE' } }];
  return {
    version: 1, gatewayId: 'evaluated',
    tiers: [
      { id: 'small', provider: 'openai', model: 'llama-3.1-8b', endpoints, price: price(1) },
      { id: 'large', provider: 'openai', model: 'llama-3.3-70b', endpoints, price: price(10), premium: true },
      { id: 'other', provider: 'openai', model: 'qwen-3-32b', endpoints, price: price(3) },
      { id: 'vectors', kind: 'embedding', provider: 'openai', model: 'bge-m3', endpoints, price: price(0.1) },
    ],
    workflows: [{ id: 'Maths', tiers: [...tiers], route: { ...route } }],
    keys: [{ id: 'key', secret: { env: 'ANOTHER_KEY_THAT_IS_NOT_THERE' }, tenant: 'school' }],
  };
}

/** A result at the end, and sums that are right. */
export const CHECKS: NonNullable<Route['checks']> = [{ kind: 'regex', pattern: '####\\s*\\d' }, { kind: 'numeric-recompute' }];

export const parsedConfiguration = (...of: Parameters<typeof configuration>): GatewayConfig => gatewayConfigSchema.parse(configuration(...of));
