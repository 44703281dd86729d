/** The shape of a service family: which resource types it prices and what it charges for one. */
import { Charge } from './charge';
import { Resource } from './resource';

export interface Family {
  readonly name: string;
  readonly charges: Readonly<Record<string, (resource: Resource) => Charge[]>>;
}
