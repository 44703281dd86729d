/** A bootstrapped emulator for one suite: its own, as whatever is put on the event bus wakes the rules of every stack there. */
import { cdk } from './cdk';
import { Emulator, startEmulator } from './emulator';

/** Call it first in a suite: from then on the SDK, the command line and the helpers of this folder talk to the emulator. */
export function useEmulator(): void {
  let emulator: Emulator | undefined;
  beforeAll(async () => {
    emulator = await startEmulator();
    Object.assign(process.env, emulator.environment);
    await cdk(['bootstrap', 'aws://000000000000/us-east-1']);
  });
  afterAll(() => emulator?.stop());
}
