/** A promise that is waited for only so long. What it says later is not heard. */
export class DeadlineError extends Error {
  public constructor(ms: number) {
    super(`no answer within ${ms} ms`);
  }
}

export function within<T>(ms: number, asked: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    // An answer that lies in the socket by now counts: then this process was busy, not the store. It is read before setImmediate.
    const timer = setTimeout(() => setImmediate(() => reject(new DeadlineError(ms))), ms);
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
