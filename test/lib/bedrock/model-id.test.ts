import { invocationRegions, parseModelId, refusal } from '../../../lib/bedrock/model-id';

test.each([
  ['us.amazon.nova-lite-v1:0', 'us', 'amazon.nova-lite-v1:0'],
  ['us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0', 'us-gov', 'anthropic.claude-sonnet-4-5-20250929-v1:0'],
  ['ca.amazon.nova-lite-v1:0', 'ca', 'amazon.nova-lite-v1:0'],
  ['global.anthropic.claude-haiku-4-5-20251001-v1:0', 'global', 'anthropic.claude-haiku-4-5-20251001-v1:0'],
  ['meta.llama3-1-8b-instruct-v1:0', undefined, 'meta.llama3-1-8b-instruct-v1:0'],
])('%s is of %s', (id, geography, model) => {
  expect(parseModelId(id)).toEqual({ id, model, ...geography && { geography } });
});

test.each([
  ['us.amazon.nova-lite-v1:0', 'us-west-2', ['us-west-2', 'us-east-1', 'us-east-2']],
  ['eu.amazon.nova-lite-v1:0', 'eu-west-2', ['eu-west-2', 'eu-central-1', 'eu-north-1', 'eu-south-1', 'eu-south-2', 'eu-west-1', 'eu-west-3']],
  ['global.anthropic.claude-haiku-4-5-20251001-v1:0', 'eu-west-1', ['', 'eu-west-1']],
  ['meta.llama3-1-8b-instruct-v1:0', 'us-west-2', ['us-west-2']],
])('%s from %s runs in %j', (id, region, regions) => {
  expect(invocationRegions(parseModelId(id), region)).toEqual(regions);
});

test.each([
  ['us.amazon.nova-lite-v1:0', 'eu-west-1', /cannot be called from eu-west-1; give the profile of that geography, or global\.amazon/],
  ['us.amazon.nova-lite-v1:0', 'us-gov-west-1', /cannot be called/],
  ['anthropic.claude-haiku-4-5-20251001-v1:0', 'us-east-1', /bare id; give a system profile: global\.anthropic/],
  ['arn:aws:bedrock:us-east-1::foundation-model/x', 'us-east-1', /is an ARN; give the model id/],
])('%s from %s is refused', (id, region, message) => {
  expect(refusal(parseModelId(id), region)).toMatch(message);
});

test.each([
  ['us.amazon.nova-lite-v1:0', 'ca-central-1'], ['us.amazon.nova-lite-v1:0', undefined],
  ['global.anthropic.claude-haiku-4-5-20251001-v1:0', 'ap-south-1'], ['anthropic.claude-3-haiku-20240307-v1:0', 'us-east-1'],
])('%s from %s is not', (id, region) => {
  expect(refusal(parseModelId(id), region)).toBeUndefined();
});
