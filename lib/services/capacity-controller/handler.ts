/** The Lambda function of the capacity controller. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { readConfig } from './config';
import { Surroundings, control } from './control';
import { DynamoStore } from './dynamo-store';
import { SdkAws } from './sdk-aws';

const config = readConfig(process.env);
const surroundings: Surroundings = {
  config,
  aws: new SdkAws(config),
  store: new DynamoStore(config.stateTable, config.group),
  // Not console.log: the runtime puts words before its lines, and CloudWatch then finds no metrics in them.
  write: line => void process.stdout.write(`${line}\n`),
  now: () => new Date(),
  sleep: ms => sleep(ms),
  random: Math.random,
  unique: randomUUID,
};

export const handler = (event: unknown, { awsRequestId }: { readonly awsRequestId: string }): Promise<void> => control(event, awsRequestId, surroundings);
