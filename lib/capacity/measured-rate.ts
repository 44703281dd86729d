/** Tokens a second from measured points: a line through the time per token, which is nearly straight in the calls in flight. */
import { MeasuredPoint } from '../contracts/gpu-group';
import { CallShape } from './call-shape';

export interface MeasuredRate {
  readonly expected: number;
  readonly uncertaintyPercent: number;
  readonly source: string;
}

export interface Formula {
  /** Tokens a second. */
  readonly rate: (concurrency: number, call: CallShape) => number;
  /** Calls that run at a time; more wait, and add nothing. */
  readonly places: (call: CallShape) => number;
}

/**
 * What 9 of 10 points of aiconfigurator's measured series stay within: 12 % of a line through the others on both sides,
 * 8 % of a line through all (median 2 %); 16 % of the formula moved to one point at most twice as far (median 4 %).
 */
const CLOSE_PERCENT = 10;
const NEAR_PERCENT = 20;
const FAR_PERCENT = 50;

/** A line is believed up to so many times beyond its points; further out the formula goes on from there. */
const REACH = 2;

export function measuredRate(points: readonly MeasuredPoint[], concurrency: number, call: CallShape, formula: Formula): MeasuredRate {
  const measured = points.map(point => point.concurrency);
  // How many calls run at a time is an estimate; within the points it was measured.
  const calls = Math.min(concurrency, Math.max(formula.places(call), ...measured));
  return {
    expected: rateAt(calls, secondsPerToken(points, call, formula), n => formula.rate(n, call)),
    uncertaintyPercent: uncertainty(points, measured, calls, call),
    source: `${points.length} measured ${points.length === 1 ? 'point' : 'points'}`,
  };
}

interface XY {
  readonly x: number;
  readonly y: number;
}

function rateAt(calls: number, seconds: readonly XY[], formulaRate: (calls: number) => number): number {
  const xs = seconds.map(({ x }) => x);
  // One concurrency says how far the formula is off, not how it bends.
  if (new Set(xs).size === 1) return formulaRate(calls) * mean(seconds.map(({ x, y }) => x / y / formulaRate(x)));
  const known = Math.min(Math.max(calls, Math.min(...xs) / REACH), Math.max(...xs) * REACH);
  return known / lineThrough(seconds)(known) * formulaRate(calls) / formulaRate(known);
}

/** Seconds per token of one call, by calls in flight; for calls of another length, moved by as much as the formula moves. */
const secondsPerToken = (points: readonly MeasuredPoint[], call: CallShape, formula: Formula): XY[] => points.map(point => {
  const own = { inputTokens: point.inputTokensPerCall, outputTokens: point.outputTokensPerCall };
  return { x: point.concurrency, y: point.concurrency / point.tokensPerSecond * formula.rate(point.concurrency, own) / formula.rate(point.concurrency, call) };
});

/**
 * Least squares of the relative error: a short time counts as much as a long one. Neither end of the line may go below
 * zero: more calls never take less time, and the first takes some.
 */
function lineThrough(points: readonly XY[]): (x: number) => number {
  const weighted = points.map(({ x, y }) => ({ x, y, weight: 1 / (y * y) }));
  const weights = total(weighted.map(({ weight }) => weight));
  const mx = total(weighted.map(({ x, weight }) => x * weight)) / weights;
  const my = total(weighted.map(({ y, weight }) => y * weight)) / weights;
  const slope = total(weighted.map(({ x, y, weight }) => weight * (x - mx) * (y - my))) / total(weighted.map(({ x, weight }) => weight * (x - mx) ** 2));
  if (slope <= 0) return () => my;
  const start = my - slope * mx;
  if (start >= 0) return x => start + slope * x;
  const throughZero = total(weighted.map(({ x, y, weight }) => weight * x * y)) / total(weighted.map(({ x, weight }) => weight * x * x));
  return x => throughZero * x;
}

function uncertainty(points: readonly MeasuredPoint[], concurrencies: readonly number[], calls: number, { inputTokens, outputTokens }: CallShape): number {
  const within = (factor: number, value: number, measured: readonly number[]): boolean =>
    value >= Math.min(...measured) / factor && value <= Math.max(...measured) * factor;
  const shape = (factor: number): boolean =>
    within(factor, inputTokens, points.map(point => point.inputTokensPerCall)) && within(factor, outputTokens, points.map(point => point.outputTokensPerCall));
  if (!within(REACH, calls, concurrencies) || !shape(2)) return FAR_PERCENT;
  return new Set(concurrencies).size >= 4 && within(1, calls, concurrencies) && shape(1.25) ? CLOSE_PERCENT : NEAR_PERCENT;
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
const mean = (values: readonly number[]): number => total(values) / values.length;
