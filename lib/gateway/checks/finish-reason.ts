/** The model came to its end by itself. */
import { Check } from './answer';

const ENDS: readonly (string | null)[] = ['stop', 'tool_calls', 'function_call'];
/** Others may be any words. */
const CUTS: readonly (string | null)[] = ['length', 'content_filter'];

export const finishReason: Check = ({ finishReason: reason }) =>
  ENDS.includes(reason) ? undefined : CUTS.includes(reason) ? `ended by ${reason}` : `ended by ${reason === null ? 'no reason' : 'a reason unknown here'}`;
