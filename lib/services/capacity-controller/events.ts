/** What woke the controller, and the facts it tells. A tick follows also of what cannot be read, so that nothing is lost. */
import { z } from 'zod';
import { ControllerConfig } from '../../contracts/capacity-controller';
import { Fact } from '../../scaling/seen';
import { isQuota } from './launch-failure';

export interface Wake {
  readonly cause: string;
  readonly facts: readonly Fact[];
  /** Of the schedule: the minute that it was meant for. */
  readonly scheduledAt?: number;
  readonly warning?: string;
}

const text = z.string().min(1);
const instance = z.object({ 'instance-id': text });
const busEvent = z.object({ source: text, 'detail-type': text, time: z.iso.datetime({ offset: true }), detail: z.unknown() });
const notification = z.object({ Records: z.array(z.object({ EventSource: z.literal('aws:sns'), Sns: z.object({ Timestamp: z.iso.datetime({ offset: true }) }) })).min(1) });
const launch = z.object({ ActivityId: text, AutoScalingGroupName: text, StatusMessage: z.string().default('') });

export function readEvent(event: unknown, config: Pick<ControllerConfig, 'spotGroup' | 'onDemandGroup' | 'spendCapReplicas'>): Wake {
  const sns = notification.safeParse(event);
  if (sns.success) {
    const facts = sns.data.Records.map(({ Sns }) => ({ kind: 'spendCap' as const, at: Date.parse(Sns.Timestamp) }));
    return config.spendCapReplicas === undefined
      ? { cause: 'spend cap', facts: [], warning: 'a spend cap was notified, and the group declares none' }
      : { cause: 'spend cap', facts };
  }
  const bus = busEvent.safeParse(event);
  if (!bus.success) return { cause: 'unknown', facts: [], warning: 'the event has no form this knows' };
  const cause = `${bus.data.source} ${bus.data['detail-type']}`;
  const at = Date.parse(bus.data.time);
  switch (bus.data['detail-type']) {
    case 'EC2 Spot Instance Interruption Warning': return told(cause, instance.safeParse(bus.data.detail), detail => [{ kind: 'interruption', instance: detail['instance-id'], at }]);
    case 'EC2 Instance Rebalance Recommendation': return told(cause, instance.safeParse(bus.data.detail), detail => [{ kind: 'rebalance', instance: detail['instance-id'], at }]);
    case 'EC2 Instance Launch Unsuccessful': return told(cause, launch.safeParse(bus.data.detail), detail => failed(detail, config, at));
    case 'Scheduled Event': return { cause, facts: [], scheduledAt: at };
    case 'ECS Service Action': return { cause, facts: [] };
    default: return { cause, facts: [], warning: 'nothing is known of events of this type' };
  }
}

function told<D>(cause: string, detail: z.ZodSafeParseResult<D>, facts: (detail: D) => readonly Fact[]): Wake {
  return detail.success ? { cause, facts: facts(detail.data) } : { cause, facts: [], warning: 'the detail of the event has no form this knows' };
}

/** Of another group it tells nothing. */
function failed({ ActivityId: id, AutoScalingGroupName, StatusMessage }: z.infer<typeof launch>, { spotGroup, onDemandGroup }: Pick<ControllerConfig, 'spotGroup' | 'onDemandGroup'>, at: number): Fact[] {
  const group = AutoScalingGroupName === spotGroup ? 'spot' : AutoScalingGroupName === onDemandGroup ? 'onDemand' : undefined;
  return group ? [{ kind: 'launchFailure', group, id, quota: isQuota(StatusMessage), at }] : [];
}
