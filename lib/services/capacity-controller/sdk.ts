/** How every AWS call of the controller ends in time: few attempts, short timeouts, and a deadline over all of them and all pages. */

/** Settings of every client. The endpoint and credentials are those of the environment. */
export const CLIENT = { maxAttempts: 3, requestHandler: { connectionTimeout: 2_000, socketTimeout: 4_000 } };

/** Per call: reads and each round of actions are made in parallel, so a tick takes at most a few of these. */
const DEADLINE_MS = 8_000;

export const CALL = (): { abortSignal: AbortSignal } => ({ abortSignal: AbortSignal.timeout(DEADLINE_MS) });
