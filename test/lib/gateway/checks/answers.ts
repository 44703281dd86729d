/** Completions and calls as the checks meet them. */
import type { z } from 'zod';
import { CheckConfig, checkSchema } from '../../../../lib/contracts/gateway-route';
import { FailedCheck, compileChecks } from '../../../../lib/gateway/checks/checks';
import { CallBody } from '../../../../lib/gateway/request-body';

type Input = z.input<typeof checkSchema>;
type Fields = Readonly<Record<string, unknown>>;

export const ASKED: CallBody = { model: 'small', messages: [{ role: 'user', content: 'Please help.' }] };

export const said = (content: string, more: Fields = {}): Fields => ({ choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop', ...more }] });

export const called = (name: string, written: string, content: string | null = null): Fields => {
  const call = { id: 'call_1', type: 'function', function: { name, arguments: written } };
  return { choices: [{ index: 0, message: { role: 'assistant', content, tool_calls: [call] }, finish_reason: 'tool_calls' }] };
};

export const check = (config: Input): CheckConfig => checkSchema.parse(config);

export const failed = (config: Input, completion: Fields, body: CallBody = ASKED): readonly FailedCheck[] => compileChecks([check(config)]).failed(completion, body);

/** undefined: it passes. */
export const reason = (config: Input, completion: Fields, body: CallBody = ASKED): string | undefined => failed(config, completion, body)[0]?.reason;
