/** `ai-margin mock-model`: an OpenAI-shaped server with answers to order, to try a gateway and to test against. */
import { portOption, runBundle } from './child';

export interface MockModelOptions {
  readonly port?: string;
  readonly host?: string;
}

/** Runs until it is told to stop. */
export function runMockModel({ port, host }: MockModelOptions): Promise<number> {
  return runBundle('mock-model.js', { PORT: portOption(port), HOST: host });
}
