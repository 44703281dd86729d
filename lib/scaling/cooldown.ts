/** How long no more spot is bought after a launch failed: longer each time it fails again, longest when a quota is reached. */
import { z } from 'zod';
import { LaunchFailure } from './seen';

const MINUTE = 60_000;
const FIRST = 5 * MINUTE;
const LONGEST = 40 * MINUTE;
const QUOTA = 30 * MINUTE;
/** A launch is tried within minutes after a cool-down: a failure this soon after it is the same shortage. */
const AGAIN = 15 * MINUTE;

export const cooldownSchema = z.object({ until: z.number(), length: z.number().positive() });
export type Cooldown = z.infer<typeof cooldownSchema>;

/** One launch of many instances fails many times: failures within a cool-down do not lengthen it, nor do those told twice. */
export function coolDown(before: Cooldown | undefined, failures: readonly LaunchFailure[], now: number): Cooldown | undefined {
  let cooldown = before && { ...before, until: Math.min(before.until, now + LONGEST) };
  for (const { at, quota } of failures.toSorted((a, b) => a.at - b.at)) {
    const failed = Math.min(at, now);
    if (quota) {
      cooldown = { length: cooldown?.length ?? FIRST, until: Math.max(cooldown?.until ?? failed, failed + QUOTA) };
    } else if (!cooldown || failed >= cooldown.until) {
      const length = cooldown && failed < cooldown.until + AGAIN ? Math.min(LONGEST, 2 * cooldown.length) : FIRST;
      cooldown = { length, until: failed + length };
    }
  }
  return cooldown;
}
