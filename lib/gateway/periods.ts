/** The calendar of budgets and limits: days, months and minutes of UTC, each told by one whole number. */
import { Budget } from '../contracts/gateway';

export const MINUTE_MS = 60_000;
export const DAY_MS = 24 * 60 * MINUTE_MS;
/** So long a settled reservation is known, and settling it again changes nothing. */
export const SETTLED_KNOWN_MS = 10 * MINUTE_MS;
/** So long a run is known, and its later calls are not its first. */
export const RUN_KNOWN_MS = DAY_MS;

export type Period = Budget['period'];

/** Days since 1970; months since the year 0. */
export function periodAt(period: Period, nowMs: number): number {
  if (period === 'day') return Math.floor(nowMs / DAY_MS);
  const date = new Date(nowMs);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

export function periodEndsInMs(period: Period, nowMs: number): number {
  const number = periodAt(period, nowMs) + 1;
  return (period === 'day' ? number * DAY_MS : Date.UTC(Math.floor(number / 12), number % 12)) - nowMs;
}

export const minuteAt = (nowMs: number): number => Math.floor(nowMs / MINUTE_MS);
export const minuteEndsInMs = (nowMs: number): number => MINUTE_MS - nowMs % MINUTE_MS;
