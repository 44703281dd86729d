import { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { InputError } from '../../lib/errors';
import { GpuAlarms, WatchedGroup } from './gpu-alarms';

/** Thresholds of the alarms of a GPU group. */
export interface GpuAlarmOptions {
  /**
   * Who is told.
   *
   * @default - nobody: the alarms only show in CloudWatch
   */
  readonly topic?: ITopic;
  /**
   * Utilisation in percent (tokens made over tokens rated) below which replicas beyond the floor are waste, if it lasts an hour.
   *
   * @default 35
   */
  readonly minUtilizationPercent?: number;
  /**
   * Share of the replicas beyond the base that may be on demand, in percent, of a group of spot with fallback; alarmed when
   * each of six hours is above it.
   *
   * @default 50
   */
  readonly maxOnDemandSharePercent?: number;
}

/** Why a group goes unwatched. */
export interface GpuMonitoringDisabledOptions {
  /** Such as "watched by the platform team's own alarms". At least eight characters. */
  readonly reason: string;
}

/** How a GPU group is watched. Alarms are on unless somebody says why not. About 1 USD a month. */
export class GpuMonitoring {
  /** The alarms, with thresholds of your own. */
  public static alarms(options: GpuAlarmOptions = {}): GpuMonitoring {
    for (const [name, value] of [['minUtilizationPercent', options.minUtilizationPercent], ['maxOnDemandSharePercent', options.maxOnDemandSharePercent]] as const) {
      if (value !== undefined && !(value > 0 && value < 100)) throw new InputError(`GpuMonitoring.alarms: ${name} is ${value}; a percentage above 0 and below 100 can alarm.`);
    }
    return new GpuMonitoring(options);
  }

  /** No alarms of ours. The check GPU001 then reports the reason, unless it finds a utilisation alarm of your own. */
  public static disabled(options: GpuMonitoringDisabledOptions): GpuMonitoring {
    if (options.reason.trim().length < 8) {
      throw new InputError(`GpuMonitoring.disabled: the reason is "${options.reason}"; say in at least eight characters why nobody needs to know.`);
    }
    return new GpuMonitoring(undefined, options.reason);
  }

  private constructor(
    private readonly options: GpuAlarmOptions | undefined,
    /** @internal */ public readonly _unmonitored?: string,
  ) {}

  /** @internal */
  public _bind(scope: Construct, watched: WatchedGroup): void {
    if (this.options) new GpuAlarms(scope, 'Alarms', { ...watched, ...this.options });
  }
}
