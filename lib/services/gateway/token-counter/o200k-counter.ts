/**
 * Tokens of OpenAI's models from GPT-4o on, counted exactly. A bundle of its own (assets/o200k-counter.js): its table is megabytes,
 * and so is the memory it takes.
 */
import { clearMergeCache, countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { cutLongRuns } from '../../../gateway/prompt/long-runs';
import { TokenCounter } from '../../../gateway/prompt/token-counter';

/** What stands for a model's own signs, such as the end of a text, is text where a client writes it. */
const AS_TEXT = { disallowedSpecial: new Set<string>() };
/** The encoder remembers words, each as a part of its prompt, which stays in memory for it: no more than so much of them. */
const MOST_REMEMBERED = 1_000_000;

let remembered = 0;

export const countO200k: TokenCounter = text => {
  remembered += text.length;
  if (remembered > MOST_REMEMBERED) {
    clearMergeCache();
    remembered = text.length;
  }
  return cutLongRuns(text).reduce((sum, piece) => sum + countTokens(piece, AS_TEXT), 0);
};
