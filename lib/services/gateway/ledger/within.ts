/** A promise that is waited for only so long. What it says later is not heard. */
export class DeadlineError extends Error {
  public constructor(ms: number) {
    super(`no answer within ${ms} ms`);
  }
}

/** A timer is so late only where this process was busy or paused; then what it has not sent or read yet gets some time, once. */
const LATE_MS = 10;
const AGAIN_MS = 20;

export function within<T>(ms: number, asked: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const due = performance.now() + ms;
    // An answer that lies in the socket by now counts: then this process was busy, not the store. It is read before setImmediate.
    const end = (): void => void setImmediate(() => reject(new DeadlineError(ms)));
    let timer = setTimeout(() => {
      if (performance.now() - due < LATE_MS) end();
      else timer = setTimeout(end, AGAIN_MS);
    }, ms);
    asked.then(
      value => {
        clearTimeout(timer);
        resolve(value);
      },
      error => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}
