/** The harness's own proof: the parts a capacity controller needs, as small as they get. */
import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { CfnAutoScalingGroup } from 'aws-cdk-lib/aws-autoscaling';
import { AttributeType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { CfnEIP, CfnLaunchTemplate } from 'aws-cdk-lib/aws-ec2';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

/** On an interruption notice: remembers the instance, once, and asks for as many on-demand instances as there were notices. */
const HANDLER = `
const { AutoScaling } = require('@aws-sdk/client-auto-scaling');
const { DynamoDB } = require('@aws-sdk/client-dynamodb');
exports.handler = async event => {
  const instance = event.detail['instance-id'];
  const table = process.env.TABLE;
  await new DynamoDB().putItem({
    TableName: table, Item: { pk: { S: instance }, source: { S: event.source }, node: { S: process.version } }, ConditionExpression: 'attribute_not_exists(pk)',
  });
  const { Count } = await new DynamoDB().scan({ TableName: table, Select: 'COUNT' });
  await new AutoScaling().setDesiredCapacity({ AutoScalingGroupName: event.group ?? process.env.ON_DEMAND_GROUP, DesiredCapacity: Count });
};`;

export class SmallStack extends Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id, { env: { account: '000000000000', region: 'us-east-1' } });
    const launchTemplate = new CfnLaunchTemplate(this, 'LaunchTemplate', {
      launchTemplateData: { imageId: 'ami-0123456789abcdef0', instanceType: 'g6.xlarge' },
    });
    const group = (name: string, onDemandPercentage: number): CfnAutoScalingGroup => new CfnAutoScalingGroup(this, name, {
      minSize: '0',
      maxSize: '4',
      availabilityZones: ['us-east-1a', 'us-east-1b'],
      mixedInstancesPolicy: {
        instancesDistribution: { onDemandPercentageAboveBaseCapacity: onDemandPercentage },
        launchTemplate: {
          launchTemplateSpecification: { launchTemplateId: launchTemplate.ref, version: launchTemplate.attrLatestVersionNumber },
          overrides: [{ instanceType: 'g6.xlarge' }, { instanceType: 'g6.2xlarge' }],
        },
      },
    });
    const spot = group('Spot', 0);
    const onDemand = group('OnDemand', 100);
    const table = new TableV2(this, 'Notices', { partitionKey: { name: 'pk', type: AttributeType.STRING } });
    const controller = new Function(this, 'Controller', {
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: Code.fromInline(HANDLER),
      timeout: Duration.seconds(20),
      environment: { TABLE: table.tableName, ON_DEMAND_GROUP: onDemand.ref },
    });
    table.grantReadWriteData(controller);
    controller.addToRolePolicy(new PolicyStatement({
      actions: ['autoscaling:SetDesiredCapacity'],
      resources: [this.formatArn({ service: 'autoscaling', resource: 'autoScalingGroup:*:autoScalingGroupName', resourceName: onDemand.ref })],
    }));
    new Rule(this, 'Interruptions', {
      eventPattern: { source: ['aws.ec2'], detailType: ['EC2 Spot Instance Interruption Warning'] },
      targets: [new LambdaFunction(controller)],
    });
    const address = new CfnEIP(this, 'Address');
    const output = (name: string, value: string): CfnOutput => new CfnOutput(this, name, { value });
    output('SpotGroup', spot.ref);
    output('OnDemandGroup', onDemand.ref);
    output('Table', table.tableName);
    output('Function', controller.functionName);
    output('AddressId', address.attrAllocationId);
  }
}
