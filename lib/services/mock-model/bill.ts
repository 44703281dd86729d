/**
 * The mock model's own account of what it would bill, to hold a gateway's ledger against. A call is counted when it arrives:
 * what a client that left has ordered is billed in full, because a provider generates it all the same.
 */
export interface BilledTokens {
  /** All input, with cached and cacheWrite. */
  readonly prompt: number;
  readonly cached: number;
  readonly cacheWrite: number;
  /** All output, with reasoning. */
  readonly completion: number;
  readonly reasoning: number;
}

export class Account {
  public calls = 0;
  /** Calls whose answer was generated: the tokens are theirs. */
  public billed = 0;
  /** Answers that were sent to the last byte, without a fault that spoils them. */
  public answered = 0;
  public promptTokens = 0;
  public cachedTokens = 0;
  public cacheWriteTokens = 0;
  public completionTokens = 0;
  public reasoningTokens = 0;

  public bill(tokens: BilledTokens): void {
    this.billed++;
    this.promptTokens += tokens.prompt;
    this.cachedTokens += tokens.cached;
    this.cacheWriteTokens += tokens.cacheWrite;
    this.completionTokens += tokens.completion;
    this.reasoningTokens += tokens.reasoning;
  }
}

const MOST_REQUESTS = 100_000;

export class Bill {
  private readonly models = new Map<string, Account>();
  private readonly requests = new Map<string, Account>();

  /** The accounts a call counts in: its model's, and that of its x-request-id if it has one. */
  public accounts(model: string, requestId: string | undefined): Account[] {
    const ofModel = accountIn(this.models, model);
    if (requestId === undefined) return [ofModel];
    const accounts = [ofModel, accountIn(this.requests, requestId)];
    if (this.requests.size > MOST_REQUESTS) this.requests.delete(this.requests.keys().next().value ?? '');
    return accounts;
  }

  public clear(): void {
    this.models.clear();
    this.requests.clear();
  }

  /** By request id: the last 100,000. */
  public document(withRequests: boolean): { models: Record<string, Account>; requests?: Record<string, Account> } {
    const models = Object.fromEntries(this.models);
    return withRequests ? { models, requests: Object.fromEntries(this.requests) } : { models };
  }
}

function accountIn(accounts: Map<string, Account>, name: string): Account {
  let account = accounts.get(name);
  if (account === undefined) accounts.set(name, account = new Account());
  return account;
}
