/** What the capacity controller of a GPU group is told: one JSON document in its environment, written by the construct. */
import { z } from 'zod';
import { purchaseSchema, scalingSchema, scheduledFloorSchema } from './gpu-group';

const text = z.string().min(1);

/** Attribute of the container instances of a group: what its tasks are placed by, and its controller finds them by. */
export const GROUP_ATTRIBUTE = 'ai-margin.group';

/** Environment variable that holds the document. */
export const CONTROLLER_CONFIG = 'AI_MARGIN_CONTROLLER';

export const controllerConfigSchema = z.strictObject({
  /** Construct path of the group: the metric dimension, and the key of its state. */
  group: text,
  stateTable: text,
  cluster: text,
  service: text,
  /** Value of that attribute. */
  instanceAttribute: text,
  targetGroupArn: text,
  /** Dimension value of AWS/ApplicationELB: app/name/id. */
  loadBalancer: text,
  /** Names of the Auto Scaling groups; which of them exist follows the purchase. */
  spotGroup: text.optional(),
  onDemandGroup: text.optional(),
  scaling: scalingSchema,
  floors: z.array(scheduledFloorSchema),
  purchase: purchaseSchema,
  /** USD an hour on demand, for the spot-price guard; null where the price book does not know it. */
  instances: z.array(z.strictObject({ type: text, onDemandUsdPerHour: z.number().positive().nullable() })).min(1),
  /** From launch to the first good health check. */
  coldStartSeconds: z.number().int().positive(),
  /** Most replicas once the spend cap is reached; absent where no cap is wired. */
  spendCapReplicas: z.number().int().nonnegative().optional(),
  /** Calls in flight as the callers see them (a gateway's metric), which also counts calls that find no replica. */
  callerInFlight: z.strictObject({
    namespace: text, metricName: text, dimensions: z.record(z.string(), z.string()), statistic: text,
  }).optional(),
});

export type ControllerConfig = z.infer<typeof controllerConfigSchema>;
