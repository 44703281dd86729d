/** What a Bedrock model id says: bare, or a system inference profile of a geography, and where its calls may run. */

export interface BedrockModelId {
  readonly id: string;
  /** The foundation model without the geography. */
  readonly model: string;
  /** undefined for a bare id: the call runs where it is made. */
  readonly geography?: string;
}

/**
 * Destination regions of the geographic profiles, source: Amazon Bedrock user guide, "Supported Regions and models for
 * inference profiles", as of 2026-11. A profile may name fewer; a region not used grants nothing that can be called.
 */
const DESTINATIONS: Readonly<Record<string, readonly string[]>> = {
  us: ['us-east-1', 'us-east-2', 'us-west-2'],
  eu: ['eu-central-1', 'eu-north-1', 'eu-south-1', 'eu-south-2', 'eu-west-1', 'eu-west-3'],
  apac: ['ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3', 'ap-south-1', 'ap-south-2', 'ap-southeast-1', 'ap-southeast-2', 'ap-southeast-4'],
  jp: ['ap-northeast-1', 'ap-northeast-3'],
  au: ['ap-southeast-2', 'ap-southeast-4'],
};

export function parseModelId(id: string): BedrockModelId {
  const [, geography, model] = /^(us|eu|apac|jp|au|global)\.(.+)$/.exec(id) ?? [];
  return geography && model ? { id, model, geography } : { id, model: id };
}

/** Where the foundation model of an id must be allowed: its own region for a bare id, `''` (no region) for global. */
export function invocationRegions({ geography }: BedrockModelId, callerRegion: string): string[] {
  if (geography === undefined) return [callerRegion];
  if (geography === 'global') return ['', callerRegion];
  return [...new Set([callerRegion, ...DESTINATIONS[geography]!])];
}

/** Anthropic's models from Claude 3.7 on and Amazon Nova 2 are refused under their bare id. */
export const needsProfile = ({ geography, model }: BedrockModelId): boolean =>
  geography === undefined && /^(anthropic\.claude-(3-7|sonnet-|opus-|haiku-|fable-)|amazon\.nova-2)/.test(model);
