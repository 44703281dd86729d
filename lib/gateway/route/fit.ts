/** Third step: a prompt that is too long for its route is trimmed, or refused with the numbers. */
import { fitPrompt } from '../prompt/fit-prompt';
import { LiveRoute } from './live-route';
import type { RoutedCall } from './pipeline';
import { Prompt, RouteTier } from './ports';
import { RouteTrace } from './trace';

export function fit({ body, sent, tiers }: RoutedCall<RouteTier>, { config: { tokenLimits }, countTokens }: LiveRoute, trace: RouteTrace): Prompt {
  const asSent = { body, bytes: sent.length };
  if (tokenLimits?.maxInput === undefined || countTokens === undefined) return asSent;
  const fitted = fitPrompt(body, sent.length, tokenLimits, tiers[0]!.calibration, countTokens);
  trace.trimmed = fitted.trimmed;
  return fitted;
}
