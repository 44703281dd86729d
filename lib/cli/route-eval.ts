/** `ai-margin route-eval`: a workflow's route on recorded answers of a cheap and a premium model, before it runs. */
import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { GatewayConfig, GatewayWorkflow } from '../contracts/gateway';
import { InputError } from '../errors';
import { isKnown, pricesOf } from '../gateway/evaluation/costs';
import { Evaluation, evaluate } from '../gateway/evaluation/evaluate';
import { evaluationDocument, evaluationMarkdown, evaluationTable } from '../gateway/evaluation/print';
import { readRecorded } from '../gateway/evaluation/recorded';
import { pairOf } from '../gateway/evaluation/replay';
import { readConfig } from '../services/gateway/config-file';
import { tokenCounter } from '../services/gateway/token-counter/token-counter';
import { Io } from './io';
import { FORMATS } from './report';

export interface RouteEvalOptions {
  /** JSON lines, gzipped or not. */
  readonly data: string;
  /** The gateway's configuration. No secret that it names is needed. */
  readonly route: string;
  readonly workflow?: string;
  readonly format: typeof FORMATS[number];
  readonly seed: string;
}

export const ROUTE_EVAL_HELP = `Each line of the data: {"prompt", "weak_response", "strong_response", "weak_correct", "strong_correct"[, "task"]}, correct from 0 to 1.
weak is the workflow's first chat tier that is not premium, strong its first premium one. Calls go one after another, in an order by
the seed, through the gateway's own steps, except the cache (of calls that all differ it shows nothing), rules that ask a function,
and limits of the prompt. task is the call's x-task-class where the route has such a class.`;

const EXIT = { evaluated: 0, unknown: 3 } as const;
const MOST_SEED = 2 ** 32 - 1;

/** Exit code: 0 evaluated, 3 a cost is unknown. */
export async function printRouteEvaluation({ data, route, workflow: id, format, seed }: RouteEvalOptions, io: Io): Promise<number> {
  const config = readConfig(route);
  const workflow = workflowOf(config, id);
  const chatTiers = workflow.tiers.flatMap(tier => config.tiers.filter(each => each.id === tier && each.kind === 'chat'));
  const prices = pricesOf(pairOf(workflow, chatTiers), config.priceOverrides);
  const evaluation = await evaluate(readRecorded(readText(data), data), { workflow, chatTiers, prices, countTokens: tokenCounter(), seed: seedOf(seed) });
  io.stdout({
    table: () => evaluationTable(evaluation),
    markdown: () => evaluationMarkdown(evaluation),
    json: () => JSON.stringify(evaluationDocument(evaluation), null, 2),
  }[format]());
  return allKnown(evaluation) ? EXIT.evaluated : EXIT.unknown;
}

const allKnown = ({ costs }: Evaluation): boolean => Object.values(costs).every(isKnown);

function workflowOf({ workflows }: GatewayConfig, id: string | undefined): GatewayWorkflow {
  const known = workflows.map(workflow => workflow.id).join(', ');
  if (id === undefined && workflows.length > 1) throw new InputError(`There is more than one workflow to evaluate: give --workflow with one of ${known}.`);
  const workflow = id === undefined ? workflows[0] : workflows.find(each => each.id === id);
  if (workflow === undefined) throw new InputError(`--workflow is ${id}, which is not in the configuration; give one of ${known}.`);
  return workflow;
}

function seedOf(text: string): number {
  const seed = Number(text);
  if (/^\d+$/.test(text) && seed <= MOST_SEED) return seed;
  throw new InputError(`--seed is ${text}; give a whole number from 0 to ${MOST_SEED}.`);
}

function readText(path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) bytes = gunzipSync(bytes);
  } catch (error) {
    throw new InputError(`--data ${path} cannot be read: ${(error as Error).message}. Give a file of JSON lines, gzipped or not.`);
  }
  if (!isUtf8(bytes)) throw new InputError(`--data ${path} is not UTF-8: give a file of JSON lines in UTF-8, gzipped or not.`);
  return bytes.toString('utf8');
}
