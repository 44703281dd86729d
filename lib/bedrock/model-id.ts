/** What a Bedrock model id says: bare, or a system inference profile of a geography, and where its calls may run. */

export interface BedrockModelId {
  readonly id: string;
  /** The foundation model without the geography. */
  readonly model: string;
  /** undefined for a bare id: the call runs where it is made. */
  readonly geography?: string;
}

/**
 * Destination regions of the geographic profiles, recalled from the Amazon Bedrock user guide in 2026-11 and not checked
 * against an account. A region too many allows nothing, because the grant holds only through the profile; where one is
 * missing, Bedrock refuses the calls it would have routed there.
 */
const DESTINATIONS: Readonly<Record<string, readonly string[]>> = {
  us: ['us-east-1', 'us-east-2', 'us-west-2'],
  eu: ['eu-central-1', 'eu-north-1', 'eu-south-1', 'eu-south-2', 'eu-west-1', 'eu-west-3'],
  apac: ['ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3', 'ap-south-1', 'ap-south-2', 'ap-southeast-1', 'ap-southeast-2', 'ap-southeast-4'],
  jp: ['ap-northeast-1', 'ap-northeast-3'],
  au: ['ap-southeast-2', 'ap-southeast-4'],
  ca: ['ca-central-1', 'ca-west-1'],
  'us-gov': ['us-gov-east-1', 'us-gov-west-1'],
};

/** Where calls of a geographic profile may be made, by the beginning of the region. */
const SOURCES: Readonly<Record<string, RegExp>> = {
  us: /^(us-(?!gov)|ca-)/, eu: /^(eu|il)-/, apac: /^(ap|me)-/, jp: /^ap-/, au: /^ap-/, ca: /^(ca|us)-/, 'us-gov': /^us-gov-/,
};

export function parseModelId(id: string): BedrockModelId {
  const [, geography, model] = /^(us-gov|us|eu|apac|jp|au|ca|global)\.(.+)$/.exec(id) ?? [];
  return geography && model ? { id, model, geography } : { id, model: id };
}

/** Where the foundation model of an id must be allowed: its own region for a bare id, `''` (no region) for global. */
export function invocationRegions({ geography }: BedrockModelId, callerRegion: string): string[] {
  if (geography === undefined) return [callerRegion];
  if (geography === 'global') return ['', callerRegion];
  return [...new Set([callerRegion, ...DESTINATIONS[geography]!])];
}

/** Anthropic's models from Claude 3.7 on and Amazon Nova 2 are refused under their bare id. */
const needsProfile = ({ geography, model }: BedrockModelId): boolean =>
  geography === undefined && /^(anthropic\.claude-(3-7|sonnet-|opus-|haiku-|fable-)|amazon\.nova-2)/.test(model);

/** Why the id cannot be called from a region, with the remedy; undefined where it can, as far as an id tells. */
export function refusal({ id, model, geography }: BedrockModelId, region: string | undefined): string | undefined {
  if (id.startsWith('arn:')) return `${id} is an ARN; give the model id, such as us.anthropic.claude-haiku-4-5-20251001-v1:0`;
  if (needsProfile({ id, model, geography })) {
    return `Bedrock refuses ${id} under its bare id; give a system profile: global.${id}, or that of your geography (us., eu., apac., ...)`;
  }
  if (region !== undefined && geography !== undefined && geography !== 'global' && !SOURCES[geography]!.test(region)) {
    return `${id} cannot be called from ${region}; give the profile of that geography, or global.${model}`;
  }
  return undefined;
}
