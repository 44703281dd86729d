/** What a decision is told of its group: the part of the controller's configuration that names no AWS resource. */
import { ControllerConfig } from '../contracts/capacity-controller';

export type Policy = Pick<ControllerConfig, 'scaling' | 'floors' | 'purchase' | 'instances' | 'coldStartSeconds' | 'spendCapReplicas'>;
