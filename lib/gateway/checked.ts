/**
 * Refuses what no counter can count, before anything is touched: amounts are whole, and not below 0. A script that fails
 * half way would leave its first half.
 */
import { Reservation, Settlement } from './ledger';

export function checkedReservation({ amount, tokens, expiresInMs, counters, minute }: Reservation): void {
  whole('amount', amount);
  whole('tokens', tokens);
  whole('expiresInMs', expiresInMs);
  for (const { limit } of counters) if (limit !== null) whole('limit', limit);
  if (minute?.requests) whole('requests', minute.requests);
  if (minute?.tokens) whole('tokens', minute.tokens);
}

export function checkedSettlement({ reserved, spent, tokensReserved, tokensUsed }: Settlement): void {
  whole('reserved', reserved);
  whole('spent', spent);
  whole('tokensReserved', tokensReserved);
  whole('tokensUsed', tokensUsed);
}

function whole(what: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${what} is ${value}: the ledger counts in whole numbers from 0.`);
}
