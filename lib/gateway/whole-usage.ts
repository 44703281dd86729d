/** What a whole reply used: as it says, else an estimate by its length, so that a provider that tells nothing is not free. */
import { StreamUsage } from './stream-meter';
import { CallKind } from './request-body';
import { NO_TOKENS, usageOf } from './usage';

/** As for streams: rather too many. */
const BYTES_PER_TOKEN = 3;

export function usageOfWhole({ body, parsed }: { readonly body: Buffer; readonly parsed: Readonly<Record<string, unknown>> }, inputEstimate: number, kind: CallKind): StreamUsage {
  const reported = usageOf(parsed.usage);
  const serviceTier = parsed.service_tier;
  if (reported !== undefined) return { tokens: reported, usage: 'provider', serviceTier };
  const output = kind === 'chat' ? Math.ceil(body.length / BYTES_PER_TOKEN) : 0;
  return { tokens: { ...NO_TOKENS, input: inputEstimate, output }, usage: 'estimated', serviceTier };
}
