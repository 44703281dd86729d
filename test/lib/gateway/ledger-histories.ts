/** Random histories of calls on a few counters, and their playing against any ledger. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { Counter, CounterState, Ledger, Reservation, ReservationCounter, Reserved } from '../../../lib/gateway/ledger';

export const NOON = Date.UTC(2026, 8, 30, 12);
export const COUNTERS: readonly Counter[] = [
  { name: 'global', period: 'month' }, { name: 'global', period: 'day' }, { name: 'workflow:DraftNote', period: 'month' }, { name: 'tenant:acme', period: 'day' },
];

export const call = (id: string, given: Partial<Reservation> = {}): Reservation => ({
  id, amount: 10, tokens: 100, expiresInMs: 900_000, counters: [{ ...COUNTERS[0]!, limit: 100 }], minute: null, run: null, ...given,
});

export const settlement = ({ id, amount, tokens, counters, minute }: Reservation, spent: number, tokensUsed = tokens, releaseRun: string | null = null) =>
  ({ id, reserved: amount, tokensReserved: tokens, counters, minute, spent, tokensUsed, releaseRun });

export type Step =
  | { readonly do: 'reserve'; readonly call: number }
  | { readonly do: 'settle'; readonly call: number; readonly percent: number; readonly release: boolean }
  | { readonly do: 'pass'; readonly ms: number };

export interface History {
  readonly calls: readonly Reservation[];
  readonly steps: readonly Step[];
}

const counter: fc.Arbitrary<ReservationCounter> = fc.tuple(fc.constantFrom(...COUNTERS), fc.option(fc.nat(250))).map(([each, limit]) => ({ ...each, limit }));
/** The same counter may stand in a call twice, with two limits. */
const calls = fc.array(fc.record({
  amount: fc.nat(60), tokens: fc.nat(60), expiresInMs: fc.constantFrom(900, 50_000, 900_000), counters: fc.array(counter, { maxLength: 5 }),
  minute: fc.option(fc.record({ name: fc.constantFrom('k1', 'k2'), requests: fc.option(fc.integer({ min: 1, max: 4 })), tokens: fc.option(fc.nat(150)) })),
  run: fc.option(fc.constantFrom('DraftNote r1', 'DraftNote r2')),
}).map(given => given as Omit<Reservation, 'id'>), { minLength: 1, maxLength: 12 }).map(all => all.map((given, index): Reservation => ({ ...given, id: `call-${index}` })));

interface Weighted {
  readonly weight: number;
  readonly arbitrary: fc.Arbitrary<Step>;
}

const index = fc.nat(11);
const PASSING = [1, 300, 1_000, 30_000, 60_000, 11 * 60_000, 24 * 3_600_000, 31 * 24 * 3_600_000];
const reserving: Weighted = { weight: 6, arbitrary: fc.record({ do: fc.constant('reserve' as const), call: index }) };
const settling: Weighted = { weight: 4, arbitrary: fc.record({ do: fc.constant('settle' as const), call: index, percent: fc.nat(100), release: fc.boolean() }) };
const passing: Weighted = { weight: 2, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(...PASSING) }) };

export const histories: fc.Arbitrary<History> = fc.record({ calls, steps: fc.array(fc.oneof(reserving, settling, passing), { maxLength: 40 }) });
/** Within a moment, so that nothing expires and no period ends. */
export const moments: fc.Arbitrary<History> = fc.record({ calls, steps: fc.array(fc.oneof(reserving, settling), { maxLength: 40 }) });

export interface Told {
  readonly step: Step;
  readonly answer: Reserved | undefined;
  readonly states: readonly CounterState[];
}

/** `ledgerAt` gives the ledger as it is at a time. */
export async function play({ calls: all, steps }: History, ledgerAt: (now: number) => Ledger): Promise<Told[]> {
  const told: Told[] = [];
  let now = NOON;
  for (const step of steps) {
    if (step.do === 'pass') now += step.ms;
    const ledger = ledgerAt(now);
    const answer = await take(step, all, ledger);
    told.push({ step, answer, states: await ledger.read(COUNTERS) });
  }
  return told;
}

export interface ToldAtOnce {
  readonly answers: readonly (Reserved | undefined)[];
  /** Whenever time passed, and in the end. */
  readonly states: readonly (readonly CounterState[])[];
}

/**
 * As many callers play it: the steps come by their order, so many in each turn of the event loop as `crowds` says by turns, and
 * none waits for the answers of those before it. Only time waits for all.
 */
export async function playAtOnce({ calls: all, steps }: History, crowds: readonly number[], ledgerAt: (now: number) => Ledger): Promise<ToldAtOnce> {
  const answers: Promise<Reserved | undefined>[] = [];
  const states: CounterState[][] = [];
  let now = NOON;
  let ledger = ledgerAt(now);
  let [left = 1] = crowds;
  for (const [index, step] of steps.entries()) {
    if (step.do === 'pass') {
      await Promise.all(answers);
      states.push(await ledger.read(COUNTERS));
      ledger = ledgerAt(now += step.ms);
    }
    answers.push(take(step, all, ledger));
    if (--left > 0) continue;
    await nextTurn();
    left = crowds[index % crowds.length] ?? 1;
  }
  const told = await Promise.all(answers);
  return { answers: told, states: [...states, await ledger.read(COUNTERS)] };
}

async function take(step: Step, all: readonly Reservation[], ledger: Ledger): Promise<Reserved | undefined> {
  if (step.do === 'pass') return undefined;
  const reservation = all[step.call % all.length]!;
  if (step.do === 'reserve') return ledger.reserve(reservation);
  const part = (of: number): number => Math.floor(of * step.percent / 100);
  await ledger.settle(settlement(reservation, part(reservation.amount), part(reservation.tokens), step.release ? reservation.run : null));
  return undefined;
}
