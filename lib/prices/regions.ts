/** AWS puts a billing code before most usage types ("EUC1-NatGateway-Hours"); this is which code belongs to which region. */
import { InputError } from '../errors';

/** Only codes that are certain: with a wrong one a refresh would find nothing, or another region's price. */
const BILLING_CODES: Readonly<Record<string, readonly string[]>> = {
  'us-east-1': ['USE1'],
  'us-east-2': ['USE2'],
  'us-west-1': ['USW1'],
  'us-west-2': ['USW2'],
  'af-south-1': ['AFS1'],
  'ap-east-1': ['APE1'],
  'ap-northeast-1': ['APN1'],
  'ap-northeast-2': ['APN2'],
  'ap-northeast-3': ['APN3'],
  'ap-south-1': ['APS3'],
  'ap-south-2': ['APS5'],
  'ap-southeast-1': ['APS1'],
  'ap-southeast-2': ['APS2'],
  'ap-southeast-3': ['APS4'],
  'ap-southeast-4': ['APS6'],
  'ca-central-1': ['CAN1'],
  'ca-west-1': ['CAN2'],
  'eu-central-1': ['EUC1'],
  'eu-central-2': ['EUC2'],
  'eu-north-1': ['EUN1'],
  'eu-south-1': ['EUS1'],
  'eu-south-2': ['EUS2'],
  // Ireland is the one region with two spellings.
  'eu-west-1': ['EU', 'EUW1'],
  'eu-west-2': ['EUW2'],
  'eu-west-3': ['EUW3'],
  'il-central-1': ['ILC1'],
  'me-central-1': ['MEC1'],
  'me-south-1': ['MES1'],
  'mx-central-1': ['MXC1'],
  'sa-east-1': ['SAE1'],
};

/** The oldest region's usage types often carry no code at all. */
const UNPREFIXED = 'us-east-1';

export function billingCodes(region: string): readonly string[] {
  const codes = Object.hasOwn(BILLING_CODES, region) ? BILLING_CODES[region] : undefined;
  if (!codes) {
    throw new InputError(`Prices cannot be refreshed for the region "${region}": the billing code that AWS puts before its usage `
      + `types is not known here. Give one of ${Object.keys(BILLING_CODES).join(', ')} to --region.`);
  }
  return codes;
}

/** How a usage type is spelled in a region: with the billing code, with the region itself (KMS), or the same everywhere. */
export type Spelling = 'billing-code' | 'region' | 'as-is';

/** Every spelling a usage type may have in the region; a product must carry exactly one of them. */
export function spellings(usagetype: string, spelling: Spelling, region: string): string[] {
  if (spelling === 'as-is') return [usagetype];
  if (spelling === 'region') return [`${region}-${usagetype}`];
  const prefixed = billingCodes(region).map(code => `${code}-${usagetype}`);
  return region === UNPREFIXED ? [usagetype, ...prefixed] : prefixed;
}
