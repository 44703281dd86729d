/** The metrics of a GPU group, testable alone: each is made of what its replicas and its controller reported. */
import { Duration } from 'aws-cdk-lib';
import { IMetric, MathExpression, MathExpressionOptions, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { GPU_NAMESPACE, GROUP_DIMENSION, GpuMetric } from '../../lib/contracts/metrics';

const FIVE_MINUTES = Duration.minutes(5);

export class GpuGroupMetrics {
  /** `base`: replicas that are on demand by choice. */
  public constructor(private readonly group: string, private readonly countsPromptTokens: boolean, private readonly base: number) {}

  public sum(name: GpuMetric, period: Duration): Metric {
    return this.metric(name, period, 'Sum');
  }

  /** Of the controller's once-a-minute readings. */
  public average(name: GpuMetric, period: Duration): Metric {
    return this.metric(name, period, 'Average');
  }

  public maximum(name: GpuMetric, period: Duration): Metric {
    return this.metric(name, period, 'Maximum');
  }

  public inFlight(options: MathExpressionOptions = {}): IMetric {
    const { period = FIVE_MINUTES } = options;
    return this.math(`inFlightSeconds / ${period.toSeconds()}`, { inFlightSeconds: this.sum('InFlightSeconds', period) }, 'calls in flight', options);
  }

  /** Tokens made over tokens rated, of the replicas in service; an embedding model makes none, so what it read counts. */
  public utilization(options: MathExpressionOptions = {}): IMetric {
    return this.math('IF(rated > 0, 100 * tokens / rated)', this.tokensAndRated(options), 'utilisation, %', options);
  }

  public idleReplicaHours(options: MathExpressionOptions = {}): IMetric {
    const { period = FIVE_MINUTES } = options;
    return this.math('idleSeconds / 3600', { idleSeconds: this.sum('IdleReplicaSeconds', period) }, 'idle replica hours', options);
  }

  /** USD an hour of the instances that the Auto Scaling groups are told to run. */
  public costPerHour(spotUsd: number, onDemandUsd: number, options: MathExpressionOptions = {}): IMetric {
    const { period = FIVE_MINUTES } = options;
    return this.math(`spot * ${spotUsd} + onDemand * ${onDemandUsd}`, {
      spot: this.average('DesiredSpot', period), onDemand: this.average('DesiredOnDemand', period),
    }, 'instances, USD an hour', options);
  }

  /** Percent of the replicas beyond the base that are on demand instead of spot. */
  public onDemandShare(options: MathExpressionOptions = {}): IMetric {
    const { period = FIVE_MINUTES } = options;
    return this.math(`IF(demand > ${this.base}, 100 * (onDemand - ${this.base}) / (demand - ${this.base}), 0)`, {
      onDemand: this.average('DesiredOnDemand', period), demand: this.average('Demand', period),
    }, 'on-demand share, %', options);
  }

  /** Utilisation where more replicas run than any floor asks for; 100 where only the floor runs, whose idling is meant. */
  public utilizationAboveFloor(options: MathExpressionOptions = {}): IMetric {
    const { period = FIVE_MINUTES } = options;
    return this.math('IF(demand > floor AND rated > 0, 100 * tokens / rated, 100)', {
      ...this.tokensAndRated(options), demand: this.average('Demand', period), floor: this.average('Floor', period),
    }, 'utilisation above the floor, %', options);
  }

  /** Calls that wait although the group is as large as it may become. */
  public waitingAtMaximum(options: MathExpressionOptions = {}): IMetric {
    const { period = FIVE_MINUTES } = options;
    return this.math(`IF(demand >= maximum, waitingSeconds / ${period.toSeconds()}, 0)`, {
      waitingSeconds: this.sum('WaitingSeconds', period), demand: this.maximum('Demand', period), maximum: this.maximum('Maximum', period),
    }, 'calls waiting at the maximum', options);
  }

  /** USD an hour of idle replicas while nothing but a floor keeps them, at the mean price of those that run. */
  public idleFloorCostPerHour(spotUsd: number, onDemandUsd: number, options: MathExpressionOptions = {}): IMetric {
    const { period = FIVE_MINUTES } = options;
    const each = `(spot * ${spotUsd} + onDemand * ${onDemandUsd}) / (spot + onDemand)`;
    return this.math(`IF(demand <= floor AND spot + onDemand > 0, idleSeconds / ${period.toSeconds()} * ${each}, 0)`, {
      idleSeconds: this.sum('IdleReplicaSeconds', period), demand: this.average('Demand', period), floor: this.average('Floor', period),
      spot: this.average('DesiredSpot', period), onDemand: this.average('DesiredOnDemand', period),
    }, 'idle floor, USD an hour', options);
  }

  private tokensAndRated({ period = FIVE_MINUTES }: MathExpressionOptions): Record<string, IMetric> {
    return { tokens: this.sum(this.countsPromptTokens ? 'PromptTokens' : 'OutputTokens', period), rated: this.sum('RatedTokens', period) };
  }

  private metric(metricName: GpuMetric, period: Duration, statistic: string): Metric {
    return new Metric({ namespace: GPU_NAMESPACE, metricName, dimensionsMap: { [GROUP_DIMENSION]: this.group }, statistic, period, label: metricName });
  }

  private math(expression: string, usingMetrics: Record<string, IMetric>, label: string, options: MathExpressionOptions): MathExpression {
    return new MathExpression({ expression, usingMetrics, label, period: FIVE_MINUTES, ...options });
  }
}
