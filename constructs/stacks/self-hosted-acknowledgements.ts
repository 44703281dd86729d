/** What AwsSolutions would have otherwise in the SelfHosted stack, and why it is as it is. */
import { Validations } from 'aws-cdk-lib';
import { GpuInferenceGroup } from '../inference/gpu-inference-group';

const REASONS: Readonly<Record<string, string>> = {
  'AwsSolutions-VPC7': 'Nothing in this VPC is reachable from outside; flow logs are charged by traffic, and vpc.addFlowLog() adds them where they are wanted.',
  'AwsSolutions-ECS4': 'Container Insights would cost more than the metrics the group publishes itself, and knows nothing of tokens or calls.',
  'AwsSolutions-SMG4': 'vLLM reads its key once, at its start: a rotation would lock callers out until every replica is replaced.',
  'AwsSolutions-EC26': 'The rule cannot read a mixed-instances policy; the volumes in its launch template are encrypted, which a test holds.',
  'AwsSolutions-AS3': 'Every change of size is a decision of the capacity controller, which reports it as a metric and in its log.',
  'AwsSolutions-ELB2': 'The load balancer is internal and each call is metered by the replicas; access logs would cost by the call.',
  'AwsSolutions-ECS2': 'The variables are settings; the API key and the hub\'s token are secrets of the container.',
  'AwsSolutions-DDB3': 'The next tick reads the world anew, a minute later; all that a loss would take is a spend cap, which the budget tells again next month.',
  'AwsSolutions-IAM5[Action::ecs:Submit*]': 'What the CDK gives the ECS agent, held to this cluster.',
  'AwsSolutions-IAM5[Resource::*]': 'Reads that take no resource, what the ECS agent needs before it has one, and container instances, which the condition holds to this cluster.',
};

export function acknowledge(group: GpuInferenceGroup): void {
  for (const [id, reason] of Object.entries(REASONS)) Validations.of(group).acknowledge({ id: `AwsSolutions::${id}`, reason });
}
