/**
 * The highest value of the last `hold` seconds, so that a lower one counts only after it has lasted. A value holds until
 * the next one is told: what was not watched in between is not taken for idle.
 */
import { z } from 'zod';

/** Falling values, each with the last instant it was in force. Only those that can still be a maximum are kept. */
export const windowSchema = z.array(z.object({ value: z.number().nonnegative(), at: z.number() }));
export type Window = z.infer<typeof windowSchema>;

export function advance(window: Window, { now, holdSeconds, value }: { now: number; holdSeconds: number; value: number }): Window {
  const oldest = now - holdSeconds * 1000;
  // A clock that was ahead must not keep a value for longer than the hold.
  const held = window.map((entry, i) => ({ ...entry, at: i === window.length - 1 ? now : Math.min(entry.at, now) }));
  return [...held.filter(entry => entry.value > value && entry.at > oldest), { value, at: now }];
}

/** While the value is unknown, nothing ages: it is what it was, or `atLeast` where that is more. */
export function hold(window: Window, { now, atLeast }: { now: number; atLeast: number }): Window {
  const last = window.at(-1) ?? { value: 0, at: now };
  const passed = Math.max(0, now - last.at);
  return advance(window.map(({ value, at }) => ({ value, at: at + passed })), { now, holdSeconds: Infinity, value: Math.max(atLeast, last.value) });
}

/** 0 of an empty window. */
export const peak = (window: Window): number => window[0]?.value ?? 0;
