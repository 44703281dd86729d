import { createHash } from 'node:crypto';
import { ArnFormat, Duration, Stack, Tags, Token } from 'aws-cdk-lib';
import { CfnApplicationInferenceProfile } from 'aws-cdk-lib/aws-bedrock';
import { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { Grant, IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { BedrockModelId, invocationRegions, parseModelId, refusal } from '../../lib/bedrock/model-id';
import { InputError } from '../../lib/errors';
import { ModelUse } from '../economics/model-use';
import { Workflow } from '../economics/workflow';

/** Props of WorkflowInferenceProfile. */
export interface WorkflowInferenceProfileProps {
  /** The workflow whose calls go through this profile; its id and feature become tags. */
  readonly workflow: Workflow;
  /** The Bedrock model. */
  readonly model: ModelUse;
}

/**
 * A tagged Bedrock application inference profile for one workflow, so that the bill tells workflows apart. Calls name
 * its ARN instead of the model id. Costs nothing by itself.
 */
export class WorkflowInferenceProfile extends Construct {
  /** ARN that callers give as model id. */
  public readonly profileArn: string;
  /** Id under which AWS/Bedrock publishes this profile's metrics (dimension ModelId). */
  public readonly profileId: string;
  /** The workflow it meters. */
  public readonly workflow: Workflow;
  /** The model behind it. */
  public readonly model: ModelUse;

  private readonly modelId: BedrockModelId;

  public constructor(scope: Construct, id: string, props: WorkflowInferenceProfileProps) {
    super(scope, id);
    const { workflow, model } = props;
    if (!model.isBedrock) {
      throw new InputError(`${this.node.path}: ${model.provider} ${model.model} is not on Bedrock; an inference profile takes ModelUse.bedrock(...).`);
    }
    this.workflow = workflow;
    this.model = model;
    this.modelId = parseModelId(model.model);
    const { region } = Stack.of(this);
    const refused = refusal(this.modelId, Token.isUnresolved(region) ? undefined : region);
    if (refused) throw new InputError(`${this.node.path}: ${refused}.`);
    for (const value of [workflow.node.id, workflow.feature ?? '']) {
      if (!TAG_VALUE.test(value)) throw new InputError(`${this.node.path}: "${value}" becomes a tag; a tag takes up to 256 letters, digits, spaces and . _ : / = + @ -`);
    }
    const resource = new CfnApplicationInferenceProfile(this, 'Resource', {
      inferenceProfileName: profileName(this, model.model),
      // The service takes words of letters, digits, colons and dots, one separator between them.
      description: `${workflow.node.path} on ${model.model}`.replace(/[^0-9a-zA-Z:.]+/g, ' ').slice(0, 200).trim(),
      modelSource: { copyFrom: this.sourceArn() },
    });
    Tags.of(resource).add('ai-margin:workflow', workflow.node.id);
    if (workflow.feature) Tags.of(resource).add('ai-margin:feature', workflow.feature);
    this.profileArn = resource.attrInferenceProfileArn;
    this.profileId = resource.attrInferenceProfileId;
  }

  /**
   * Allows invoking the model through this profile, and only through it: the profile, the system profile behind it, and
   * the foundation model in every region the system profile may route to.
   */
  public grantInvoke(grantee: IGrantable): Grant {
    const actions = ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'];
    const viaProfile = new PolicyStatement({ actions, resources: [this.profileArn] });
    const behind = new PolicyStatement({
      actions,
      resources: [
        ...this.modelId.geography ? [this.sourceArn()] : [],
        ...invocationRegions(this.modelId, Stack.of(this).region).map(region => this.modelArn(region)),
      ],
      conditions: { StringEquals: { 'bedrock:InferenceProfileArn': this.profileArn } },
    });
    grantee.grantPrincipal.addToPrincipalPolicy(behind);
    return Grant.addToPrincipal({ grantee, actions, resourceArns: viaProfile.resources });
  }

  /** Input tokens, without those read from or written to the prompt cache. */
  public metricInputTokens(options: MetricOptions = {}): Metric {
    return this.metric('InputTokenCount', 'Sum', options);
  }

  /** Input tokens read from the prompt cache. */
  public metricCacheReadTokens(options: MetricOptions = {}): Metric {
    return this.metric('CacheReadInputTokenCount', 'Sum', options);
  }

  /** Input tokens written to the prompt cache. */
  public metricCacheWriteTokens(options: MetricOptions = {}): Metric {
    return this.metric('CacheWriteInputTokenCount', 'Sum', options);
  }

  /** Output tokens. */
  public metricOutputTokens(options: MetricOptions = {}): Metric {
    return this.metric('OutputTokenCount', 'Sum', options);
  }

  /** Successful calls. */
  public metricInvocations(options: MetricOptions = {}): Metric {
    return this.metric('Invocations', 'Sum', options);
  }

  /** Calls Bedrock throttled. */
  public metricThrottles(options: MetricOptions = {}): Metric {
    return this.metric('InvocationThrottles', 'Sum', options);
  }

  /** Milliseconds until the last token, of the slowest call in twenty. */
  public metricP95Latency(options: MetricOptions = {}): Metric {
    return this.metric('InvocationLatency', 'p95', options);
  }

  private metric(metricName: string, statistic: string, options: MetricOptions): Metric {
    return new Metric({
      namespace: 'AWS/Bedrock', metricName, statistic, dimensionsMap: { ModelId: this.profileId }, period: Duration.hours(1),
      label: `${this.workflow.node.id} ${metricName}`, ...options,
    });
  }

  private sourceArn(): string {
    if (!this.modelId.geography) return this.modelArn(Stack.of(this).region);
    return Stack.of(this).formatArn({
      service: 'bedrock', resource: 'inference-profile', resourceName: this.modelId.id, arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
  }

  private modelArn(region: string): string {
    return Stack.of(this).formatArn({ service: 'bedrock', region, account: '', resource: 'foundation-model', resourceName: this.modelId.model });
  }
}

const TAG_VALUE = /^[a-zA-Z0-9\s._:/=+@-]{0,256}$/;

/**
 * The name is required by the service. It is derived from the path and the model: two never collide in one account, and
 * another model, which replaces the profile, does not collide with the one it replaces.
 */
function profileName(scope: Construct, model: string): string {
  const readable = scope.node.path.replace(/[^0-9a-zA-Z]+/g, '-').slice(-50).replace(/^-|-$/g, '');
  return `${readable}-${createHash('sha256').update(`${scope.node.path} ${model}`).digest('hex').slice(0, 8)}`.replace(/^-/, '');
}
