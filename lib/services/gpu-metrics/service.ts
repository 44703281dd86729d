/** The metrics service at work: scrapes vLLM, adds up, records, and records once more when it is told to stop. */
import { GpuMetricsConfig } from '../../contracts/gpu-metrics';
import { emfLine } from '../../inference/emf';
import { NOTHING_SEEN, ReplicaUsage, afterRecord, afterScrape, usageRecord } from '../../inference/replica-usage';
import { VllmPage, readVllmMetrics } from '../../inference/vllm-metrics';
import { getPage } from './get-page';

/** So that a scrape that hangs has ended before the next begins. */
const DEADLINE_SHARE = 0.8;

export class GpuMetricsService {
  private usage: ReplicaUsage = NOTHING_SEEN;
  private scraping: Promise<void> | undefined;
  private readonly timers: readonly NodeJS.Timeout[];

  public constructor(private readonly config: GpuMetricsConfig, private readonly print: (line: string) => void) {
    this.timers = [
      setInterval(() => { void this.scrape(); }, config.scrapeSeconds * 1000),
      setInterval(() => { this.record(); }, config.recordSeconds * 1000),
    ];
    void this.scrape();
  }

  /** A last look at vLLM, so that what it did since the scrape before is not lost, and the last record. */
  public async stop(): Promise<void> {
    this.timers.forEach(clearInterval);
    await this.scraping;
    await this.scrape();
    this.record();
  }

  private scrape(): Promise<void> {
    this.scraping ??= this.scrapeOnce().finally(() => { this.scraping = undefined; });
    return this.scraping;
  }

  private async scrapeOnce(): Promise<void> {
    const page = await getPage(this.config.url, Math.ceil(this.config.scrapeSeconds * 1000 * DEADLINE_SHARE));
    const scrape: VllmPage = 'text' in page ? readVllmMetrics(page.text) : { readable: false, reason: page.failure };
    this.usage = afterScrape(this.usage, scrape, performance.now() / 1000);
  }

  private record(): void {
    const { lastFailure } = this.usage.since;
    this.print(emfLine({
      emitter: 'gpu-metrics',
      group: this.config.group,
      timestamp: Date.now(),
      values: usageRecord(this.usage, this.config.ratedTokensPerSecond),
      notes: lastFailure === null ? {} : { lastFailure },
    }));
    this.usage = afterRecord(this.usage);
  }
}
