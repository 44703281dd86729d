/** API Gateway: requests to HTTP and REST APIs by use. */
import { Charge, unpriced, usage } from '../charge';
import { Family } from '../family';
import { Resource } from '../resource';
import { extras } from './options';

const CACHE = 'a cache';

export const apiGateway: Family = {
  name: 'API Gateway',
  charges: {
    'AWS::ApiGatewayV2::Api': api => {
      const protocol = api.text('ProtocolType', 'HTTP'); // An API made from an OpenAPI document says nothing and is an HTTP API.
      return protocol === 'HTTP' ? [usage('api-gateway/http-request')] : [unpriced(`the price book has no prices for ${protocol} APIs`)];
    },
    'AWS::ApiGateway::RestApi': () => [usage('api-gateway/rest-request')],
    'AWS::ApiGateway::Stage': stage => stageCharges(stage),
    'AWS::ApiGateway::Deployment': deployment => extras(deployment, { 'StageDescription.CacheClusterEnabled': CACHE }),
  },
};

const stageCharges = (stage: Resource): Charge[] => [
  ...extras(stage, { CacheClusterEnabled: CACHE }),
  ...stage.flag('TracingEnabled') ? [usage('xray/trace')] : [],
  ...stage.parts('MethodSettings').some(method => method.flag('MetricsEnabled')) ? [usage('cloudwatch/metric')] : [],
];
