import { Duration, TimeZone } from 'aws-cdk-lib';
import { Schedule } from 'aws-cdk-lib/aws-autoscaling';

/** Replicas kept ready in certain hours, such as from 8:40 before the 9 a.m. peak. */
export interface ScheduledFloorProps {
  /** Replicas at least, within the group's maximum. */
  readonly minReplicas: number;
  /** When it begins; a replica needs minutes to start, so begin before the peak. */
  readonly schedule: Schedule;
  /** How long it holds. */
  readonly duration: Duration;
  /**
   * Time zone of the schedule; it follows daylight saving.
   *
   * @default TimeZone.ETC_UTC
   */
  readonly timeZone?: TimeZone;
}
