/** GetProducts of the AWS Price List API, page by page, within its rate limit, and with an end to every kind of waiting. */
import { GetProductsCommand, GetProductsCommandOutput, PricingClient } from '@aws-sdk/client-pricing';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { Product, parseProduct } from '../prices/products';
import { Listing, describeListing } from '../prices/queries';
import { Clock, REAL_CLOCK, TokenBucket } from './token-bucket';

/** The API is served from few regions whatever region is asked about. */
const API_REGION = 'us-east-1';
const PAGE_SIZE = 100;

export interface PriceListSettings {
  /** Another address for the API: a proxy, or a test's server. */
  readonly endpoint?: string;
  /** The SDK's default chain where absent. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly requestTimeoutMs?: number;
  /** Attempts of the SDK for one page, with its own backoff. */
  readonly maxAttempts?: number;
  /** Further rounds of such attempts while the API still throttles, each after a longer pause. */
  readonly throttleRounds?: number;
  readonly maxPages?: number;
  readonly clock?: Clock;
}

/** A listing that failed; the message names it, says what happened and what can be done. */
export class PriceListError extends Error {
  public override readonly name = 'PriceListError';
}

export class PriceListClient {
  private readonly client: PricingClient;
  private readonly clock: Clock;
  private readonly throttleRounds: number;
  private readonly maxPages: number;
  private readonly deadlineMs: number;

  public constructor(settings: PriceListSettings = {}) {
    const { endpoint, credentials, requestTimeoutMs = 20_000, maxAttempts = 4 } = settings;
    this.clock = settings.clock ?? REAL_CLOCK;
    this.throttleRounds = settings.throttleRounds ?? 3;
    // A region lists about a thousand instance types in some ten pages.
    this.maxPages = settings.maxPages ?? 100;
    // For an answer that trickles in and never falls silent: all attempts of a page together.
    this.deadlineMs = requestTimeoutMs * (maxAttempts + 1);
    this.client = new PricingClient({
      region: API_REGION,
      maxAttempts,
      ...endpoint === undefined ? {} : { endpoint },
      ...credentials === undefined ? {} : { credentials },
      requestHandler: new NodeHttpHandler({ connectionTimeout: requestTimeoutMs, socketTimeout: requestTimeoutMs }),
    });
    const bucket = new TokenBucket(this.clock);
    // In this step and not around send(): an attempt that the SDK repeats costs a token of the API's bucket too.
    this.client.middlewareStack.add(next => async args => {
      await bucket.take();
      return next(args);
    }, { step: 'finalizeRequest', priority: 'low', name: 'priceListRateLimit' });
  }

  /** All products of a listing. Throws PriceListError, never answers with a part of them. */
  public async list(listing: Listing): Promise<Product[]> {
    const products: Product[] = [];
    const seen = new Set<string>();
    let token: string | undefined;
    do {
      const page = await this.page(listing, token);
      for (const item of page.PriceList ?? []) products.push(this.read(item, listing));
      token = page.NextToken || undefined;
      if (token !== undefined && (seen.has(token) || seen.size + 1 >= this.maxPages)) {
        const what = seen.has(token) ? 'the same page token came twice' : `more than ${this.maxPages} pages`;
        throw new PriceListError(`The Price List API does not come to an end for ${describeListing(listing)}: ${what}. Try again later.`);
      }
      if (token !== undefined) seen.add(token);
    } while (token !== undefined);
    return products;
  }

  public close(): void {
    this.client.destroy();
  }

  /** The SDK gives strings or its own string-like objects. */
  private read(item: unknown, listing: Listing): Product {
    const product = parseProduct(String(item));
    if (product) return product;
    throw new PriceListError(`The Price List API answered ${describeListing(listing)} with a product that cannot be read `
      + `("${String(item).slice(0, 60)}"...): the answer was cut short or its form is new. Try again; if it stays, update cdk-ai-margin.`);
  }

  private async page(listing: Listing, token: string | undefined): Promise<GetProductsCommandOutput> {
    const filters = Object.entries(listing.filters).map(([Field, Value]) => ({ Type: 'TERM_MATCH' as const, Field, Value }));
    const input = { ServiceCode: listing.serviceCode, Filters: filters, FormatVersion: 'aws_v1', MaxResults: PAGE_SIZE, NextToken: token };
    for (let round = 0; ; round += 1) {
      try {
        return await this.client.send(new GetProductsCommand(input), { abortSignal: AbortSignal.timeout(this.deadlineMs) });
      } catch (error) {
        if (!isThrottling(error) || round >= this.throttleRounds) throw explain(error, listing);
        await this.clock.sleep(2000 * 2 ** round);
      }
    }
  }
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');
const isThrottling = (error: unknown): boolean => /throttl|TooManyRequests|RequestLimitExceeded/i.test(nameOf(error));

/** What each failure means and what a person can do about it. */
const CAUSES: readonly (readonly [matches: RegExp, text: string])[] = [
  [/throttl|TooManyRequests|RequestLimitExceeded/i,
    'it kept throttling. Other callers in the account share its limit: try again in a few minutes'],
  [/Timeout|AbortError|ETIMEDOUT/i,
    'it did not answer in time. Check the connection, the proxy or --endpoint, and try again'],
  [/SyntaxError|Unexpected end|Unterminated|ECONNRESET|aborted|socket hang up|premature|in JSON/i,
    'the answer was cut short. Try again'],
  [/Credentials/i,
    'there are no usable AWS credentials. Configure some (AWS_PROFILE, or aws sso login); they need the permission pricing:GetProducts'],
  [/AccessDenied|NotAuthorized/i,
    'the credentials may not. Allow them pricing:GetProducts'],
  [/UnrecognizedClient|InvalidSignature|ExpiredToken|InvalidClientToken/i,
    'the credentials are not valid or have expired. Renew them'],
  [/ENOTFOUND|ECONNREFUSED|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH/i,
    'it cannot be reached. Check the connection, the proxy or --endpoint'],
];

function explain(error: unknown, listing: Listing): PriceListError {
  const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  const cause = CAUSES.find(([matches]) => matches.test(`${code} ${detail}`))?.[1] ?? 'it refused';
  const [firstLine = ''] = detail.split('\n');
  return new PriceListError(`The Price List API did not answer ${describeListing(listing)}: ${cause} (${firstLine}).`);
}
