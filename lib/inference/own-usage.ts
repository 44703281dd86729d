/** What the parts of a GPU group use a month beside their instances, so that nothing of its own is left undeclared. */
import { WORKING_DAYS } from '../capacity/forecast';
import { UsageDeclaration } from '../contracts/declaration';
import { metricsOf } from '../contracts/metrics';

export interface GroupParts {
  /** Construct paths. */
  readonly controller: string;
  readonly stateTable: string;
  readonly controllerLog: string;
  readonly replicaLog: string;
  readonly loadBalancer: string;
  /** Metrics that the controller reads each minute. */
  readonly metricsRead: number;
  readonly apiKey: string;
  /** The NAT gateways of a VPC of its own. */
  readonly vpc?: string;
  /** The function that empties the default security group of that VPC, once. */
  readonly vpcFunction?: string;
}

export interface GroupLoadInNumbers {
  readonly replicasAtPeak: number;
  /** Instances that start for it, once a working day. */
  readonly startsAtPeak: number;
  readonly callsPerMonth: number;
  readonly inputTokensPerCall: number;
  readonly outputTokensPerCall: number;
  /** Gigabytes of weights that each new replica downloads. */
  readonly weightGigabytes: number;
}

const TICKS = 730 * 60;
/** A tick waits for about ten AWS calls, most at once: 2 s of 256 MB. */
const TICK_GB_SECONDS = 0.5;
/** Lease, state and one fact of an event. */
const WRITES_PER_TICK = 3;
const BYTES_PER_TICK = 2_500;
/** A record of 1 kB each 15 s, and vLLM's own line of 300 bytes each 10 s. */
const LOG_GB_PER_REPLICA = 0.25;
const IMAGE_GB = 12;
/** A streamed token travels in an event of about 250 bytes, a prompt's token is about 5; one capacity unit is 1 GB an hour. */
const BYTES_PER_OUTPUT_TOKEN = 250;
const BYTES_PER_INPUT_TOKEN = 5;

export function ownUsage(parts: GroupParts, load: GroupLoadInNumbers): UsageDeclaration[] {
  const controllerGb = round(TICKS * BYTES_PER_TICK / 1e9);
  const replicaGb = round(load.replicasAtPeak * LOG_GB_PER_REPLICA);
  const traffic = load.callsPerMonth * (load.inputTokensPerCall * BYTES_PER_INPUT_TOKEN + load.outputTokensPerCall * BYTES_PER_OUTPUT_TOKEN) / 1e9;
  const steady = (resource: string, quantities: Record<string, number>): UsageDeclaration => ({ resource, quantities, grows: false });
  const growing = (resource: string, quantities: Record<string, number>): UsageDeclaration => ({ resource, quantities, grows: true });
  return [
    steady(parts.controller, {
      'lambda/request': TICKS, 'lambda/arm-duration': TICKS * TICK_GB_SECONDS, 'cloudwatch/get-metric-data': TICKS * parts.metricsRead,
    }),
    steady(parts.stateTable, { 'dynamodb/write-unit': TICKS * WRITES_PER_TICK, 'dynamodb/read-unit': TICKS, 'dynamodb/storage': 0.001 }),
    steady(parts.controllerLog, {
      'logs/ingestion': controllerGb, 'logs/storage': controllerGb, 'cloudwatch/metric': metricsOf('capacity-controller').length,
    }),
    growing(parts.replicaLog, { 'logs/ingestion': replicaGb, 'logs/storage': replicaGb }),
    steady(parts.replicaLog, { 'cloudwatch/metric': metricsOf('gpu-metrics').length }),
    growing(parts.loadBalancer, { 'alb/lcu': round(traffic) }),
    steady(parts.apiKey, { 'secrets-manager/request': WORKING_DAYS * load.startsAtPeak }),
    ...parts.vpcFunction ? [steady(parts.vpcFunction, { 'lambda/request': 1, 'lambda/x86-duration': 1 })] : [],
    ...parts.vpc ? [growing(parts.vpc, { 'data-transfer/internet-out': 1, 'nat/data': round(WORKING_DAYS * load.startsAtPeak * (IMAGE_GB + load.weightGigabytes)) })] : [],
  ];
}

const round = (value: number): number => Math.ceil(value * 1000) / 1000;
