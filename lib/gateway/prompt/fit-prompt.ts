/** Makes a prompt that nears its route's limit fit, before it is priced and sent, or refuses it with the numbers. */
import { TokenLimits } from '../../contracts/gateway-route';
import { RouteRecord, TRIMMINGS } from '../../contracts/usage-record';
import { messagesOf } from '../conversation';
import { TokenCalibration, estimateTokens } from '../estimate';
import { Refusal } from '../refusal';
import { CallBody } from '../request-body';
import { PromptTokens } from './prompt-tokens';
import { TokenCounter } from './token-counter';
import { HIGH, trimConversation } from './trim';

export interface Fitted {
  /** A new one where something was trimmed. */
  readonly body: CallBody;
  /** Of the body as JSON. */
  readonly bytes: number;
  readonly trimmed: RouteRecord['trimmed'];
}

/** Beyond, one call could hold up all others for seconds. */
const MOST_TIMES = 20;
const MOST_MESSAGES = 1_000;

/** Of a chat call. `bodyBytes`: as it came. */
export function fitPrompt(body: CallBody, bodyBytes: number, { maxInput, trim }: TokenLimits, calibration: TokenCalibration, count: TokenCounter): Fitted {
  const asItCame: Fitted = { body, bytes: bodyBytes, trimmed: null };
  // An upper bound, nearly always: below the first cut nothing needs to be counted.
  const estimate = estimateTokens(bodyBytes, body, calibration);
  if (maxInput === undefined || estimate < HIGH * maxInput) return asItCame;
  if (estimate > MOST_TIMES * maxInput) throw tooLong(`By its ${bodyBytes} bytes the prompt has some ${estimate} tokens`, maxInput, `Over ${MOST_TIMES} times the limit none is trimmed: send less.`);
  const tokens = new PromptTokens(count);
  const [messages, rest] = [messagesOf(body), tokens.ofRest(body)];
  if (messages.length > MOST_MESSAGES) throw tooLong(`The prompt has ${messages.length} messages and is near or above its limit`, maxInput, `Over ${MOST_MESSAGES} messages none is trimmed: send fewer.`);
  const before = rest + tokens.ofAll(messages);
  if (before <= (trim ? HIGH : 1) * maxInput) return asItCame;
  if (!trim) throw tooLong(`The prompt has ${before} tokens`, maxInput, 'The route does not trim: send a shorter one, or set trim.');
  const trimmed = trimConversation(messages, rest, maxInput, tokens);
  if (trimmed.tokens > maxInput) throw tooLong(`The prompt has ${before} tokens, ${trimmed.tokens} after all that can be trimmed (${TRIMMINGS.join(', ')})`, maxInput,
    `Instructions, tools, the first and the last turn stay: make these shorter, or raise maxInput.`);
  if (trimmed.tokens >= before) return asItCame;
  const fitted = { ...body, messages: trimmed.messages };
  return {
    body: fitted,
    bytes: Buffer.byteLength(JSON.stringify(fitted)),
    trimmed: { before, after: trimmed.tokens, by: TRIMMINGS.filter(trimming => trimmed.by.includes(trimming)) },
  };
}

const tooLong = (found: string, maxInput: number, remedy: string): Refusal =>
  new Refusal('invalid_request', `${found}, more than the ${maxInput} of the route's tokenLimits.maxInput. ${remedy}`);
