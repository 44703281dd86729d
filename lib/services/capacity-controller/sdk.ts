/** How every AWS call of the controller ends in time: few attempts, short timeouts, and a deadline over all of them and all pages. */

/** Settings of every client, so that a call that hangs is tried once more. The endpoint and credentials are those of the environment. */
export const CLIENT = { maxAttempts: 3, requestHandler: { connectionTimeout: 1_000, socketTimeout: 2_500 } };

/**
 * Calls that do not follow from each other are made at once. At worst an invocation waits for the lease as long as its
 * patience lasts, and nine times this long: record, acquire, read, drain, raise, replace, lower, save, release. That is
 * 46 s of the 50 that the function may run.
 */
const DEADLINE_MS = 4_000;

export const CALL = (): { abortSignal: AbortSignal } => ({ abortSignal: AbortSignal.timeout(DEADLINE_MS) });
