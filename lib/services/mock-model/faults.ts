/**
 * What can go wrong with the mock model on order: one table, which is also its help text. A call is billed when its answer
 * was generated, whether or not it arrived, as a provider would.
 */
import { InputError } from '../../errors';

interface FaultKind {
  readonly billed: boolean;
  readonly says: string;
}

export const STATUS_FAULT = 'status=NNN';

export const FAULTS = {
  [STATUS_FAULT]: { billed: false, says: 'that status, from 400 to 599, with an error body; retryAfterSeconds=N adds the header' },
  'reset': { billed: false, says: 'the connection is reset before any byte of an answer' },
  'hang': { billed: false, says: 'the call is taken and never answered' },
  'empty': { billed: false, says: 'status 200 and nothing in it' },
  'not-json': { billed: false, says: 'status 200 and an HTML page, as a proxy in between gives it' },
  'error-event-first': { billed: false, says: 'an error as the first event of a stream, then [DONE]; without a stream the error is the body, with status 200' },
  'error-event-later': { billed: true, says: 'an error after half of a stream, then [DONE]; without a stream the error is the body, with status 200' },
  'truncate': { billed: true, says: 'a clean end half way: a stream without [DONE], or JSON cut in the middle' },
  'break': { billed: true, says: 'the connection is destroyed half way' },
  'slow': { billed: true, says: 'the whole answer, one byte at a time, chunkDelayMs (at least 1) apart' },
  'endless': { billed: true, says: 'text without end, until the client goes; billed as outputTokens' },
  'empty-choices-first': { billed: true, says: 'a stream begins with an event whose choices are empty, as Azure sends it; else the answer is whole' },
} as const satisfies Record<string, FaultKind>;

export type FaultName = keyof typeof FAULTS;
/** `status` is there where the name is STATUS_FAULT. */
export interface Fault {
  readonly name: FaultName;
  readonly status: number;
}

export function parseFault(value: string): Fault {
  const status = /^status=([45]\d\d)$/.exec(value)?.[1];
  if (status !== undefined) return { name: STATUS_FAULT, status: Number(status) };
  const name = FAULT_NAMES.find(known => known === value && known !== STATUS_FAULT);
  if (name === undefined) throw new InputError(`fault=${value} is no fault of the mock model. Accepted: ${FAULT_NAMES.join(', ')}.`);
  return { name, status: 200 };
}

const FAULT_NAMES = Object.keys(FAULTS) as FaultName[];
