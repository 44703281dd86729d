/** The alarms of a GPU group: waste, saturation, health, purchase, and the controller that keeps it all. */
import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct, IDependable } from 'constructs';
import { GpuGroupMetrics } from './gpu-group-metrics';

export interface WatchedGroup {
  readonly metrics: GpuGroupMetrics;
  readonly name: string;
  readonly coldStart: Duration;
  readonly spot: boolean;
  readonly onDemand: boolean;
  readonly controllerErrors: IMetric;
  readonly everyMinute: IDependable;
}

interface AlarmThresholds {
  readonly topic?: ITopic;
  readonly minUtilizationPercent?: number;
  readonly maxOnDemandSharePercent?: number;
}

const MINUTE = Duration.minutes(1);
const FIVE_MINUTES = Duration.minutes(5);

export class GpuAlarms extends Construct {
  private readonly topic?: ITopic;

  public constructor(scope: Construct, id: string, { metrics, name, coldStart, spot, onDemand, controllerErrors, everyMinute, ...options }: WatchedGroup & AlarmThresholds) {
    super(scope, id);
    this.topic = options.topic;
    const { minUtilizationPercent: idleBelow = 35, maxOnDemandSharePercent: share = 50 } = options;
    this.alarm('Utilization', metrics.utilizationAboveFloor({ period: FIVE_MINUTES }), {
      below: idleBelow, periods: 12, says: `${name}: for an hour under ${idleBelow} % of its rated tokens with more replicas than its floor; it pays for idle GPUs`,
    });
    this.alarm('Saturation', metrics.waitingAtMaximum({ period: MINUTE }), { above: 0, periods: 5, says: `${name}: calls have waited for five minutes at the maximum of replicas; raise maxReplicas, or the spend cap` });
    this.alarm('Unhealthy', metrics.maximum('Unhealthy', MINUTE), {
      above: 0, periods: 10, says: `${name}: a replica runs longer than the ${Math.ceil(coldStart.toMinutes({ integral: false }))} minutes it needs to start and does not answer /health`,
    });
    if (spot && onDemand) {
      this.alarm('OnDemandShare', metrics.onDemandShare({ period: Duration.hours(1) }), { above: share, periods: 6, says: `${name}: for six hours more than ${share} % of its replicas beyond the base on demand; spot is short or dear` });
    }
    this.alarm('LaunchFailures', metrics.sum(onDemand ? 'OnDemandLaunchFailures' : 'SpotLaunchFailures', FIVE_MINUTES), {
      above: 0, periods: 1, says: `${name}: ${onDemand ? 'on-demand' : 'spot'} instances could not be launched (capacity or quota), and nothing stands in for them`,
    });
    this.alarm('ControllerErrors', controllerErrors, { above: 0, periods: 3, atLeast: 2, says: `${name}: its capacity controller fails; sizes stay as they are` });
    this.alarm('FailedActions', metrics.sum('FailedActions', MINUTE), {
      above: 0, periods: 5, says: `${name}: for five minutes its capacity controller cannot read the load, or AWS refuses what it asks for; sizes may be wrong`,
    });
    this.alarm('MissedTicks', metrics.sum('Ticks', FIVE_MINUTES), {
      below: 1, periods: 2, missing: TreatMissingData.BREACHING, says: `${name}: its capacity controller has decided nothing for ten minutes; sizes stay as they are`,
    }).node.addDependency(everyMinute); // Before the first minute there is nothing to miss.
  }

  private alarm(id: string, metric: IMetric, when: {
    readonly above?: number; readonly below?: number; readonly periods: number; readonly atLeast?: number; readonly missing?: TreatMissingData; readonly says: string;
  }): Alarm {
    const alarm = new Alarm(this, id, {
      metric,
      threshold: when.above ?? when.below!,
      comparisonOperator: when.above === undefined ? ComparisonOperator.LESS_THAN_THRESHOLD : ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: when.periods,
      datapointsToAlarm: when.atLeast ?? when.periods,
      treatMissingData: when.missing ?? TreatMissingData.NOT_BREACHING,
      alarmDescription: when.says,
    });
    if (this.topic) alarm.addAlarmAction(new SnsAction(this.topic));
    return alarm;
  }
}
