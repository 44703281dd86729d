/** A prompt held against its route's limit: it goes as it came, or trimmed with a word about it, or not at all, with the numbers. */
import { TokenLimits } from '../../contracts/gateway-route';
import { RouteRecord } from '../../contracts/usage-record';
import { messagesOf } from '../conversation';
import { TokenCalibration, estimateTokens } from '../estimate';
import { Refusal } from '../refusal';
import { CallBody } from '../request-body';
import { PromptTokens } from './prompt-tokens';
import { TokenCounter } from './token-counter';
import { trim } from './trim';

/** Of the limit. A cut changes the beginning of the prompt, for which a provider takes a tenth where it knows it: better seldom and deep. */
const UPPER = 0.9;
const LOWER = 0.6;

export interface Fitted {
  readonly body: CallBody;
  /** Of the body as JSON. */
  readonly bytes: number;
  readonly trimmed: RouteRecord['trimmed'];
}

/** `bytes`: of the body as it came. Tokens are counted only where the estimate, which is rather too high, comes near the limit. */
export function fitPrompt(body: CallBody, bytes: number, { maxInput = Infinity, trim: mayTrim }: TokenLimits, calibration: TokenCalibration, count: TokenCounter): Fitted {
  const asItCame = { body, bytes, trimmed: null };
  const upper = UPPER * maxInput;
  if (estimateTokens(bytes, body, calibration) <= upper) return asItCame;
  const tokens = new PromptTokens(count);
  const before = tokens.ofBody(body);
  if (before <= (mayTrim ? upper : maxInput)) return asItCame;
  if (!mayTrim) throw tooLong(`This prompt has ${before} tokens`, maxInput);
  const beside = tokens.besideMessages(body);
  const { messages, by } = trim(messagesOf(body), { upper: upper - beside, lower: LOWER * maxInput - beside }, part => tokens.ofMessages(part));
  const after = beside + tokens.ofMessages(messages);
  if (after > maxInput) throw tooLong(`This prompt has ${before} tokens, and ${after} with all left out that can be`, maxInput);
  if (by.length === 0) return asItCame;
  const fitted = { ...body, messages };
  return { body: fitted, bytes: Buffer.byteLength(JSON.stringify(fitted)), trimmed: { before, after, by: [...by] } };
}

const tooLong = (what: string, maxInput: number): Refusal => new Refusal('invalid_request',
  `${what}; its route allows ${maxInput}: shorten the messages or the descriptions of tools, or raise tokenLimits.maxInput.`);
