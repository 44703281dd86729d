/**
 * What each step of a route saves: 20,000 made-up calls, with a new customer in the middle, through the gateway as it is shipped,
 * its steps switched on in turn. Prints a table in Markdown; how far it is goes to standard error.
 */
import { MAX_INPUT, MAX_PREMIUM_SHARE_PERCENT, PRICES, STEPS, Step, configAt } from '../test/e2e/harness/replay/config';
import { replay } from '../test/e2e/harness/replay/replay';
import { Summary, billOf, summaryOf } from '../test/e2e/harness/replay/summary';
import { CALLS, traffic } from '../test/e2e/harness/replay/traffic';
import { ReplayUpstream, goodShare } from '../test/e2e/harness/replay/upstream';

interface Row {
  readonly step: Step;
  readonly summary: Summary;
}

const tell = (text: string): void => { process.stderr.write(`${text}\n`); };
const usd = (amount: { toFixed(places: number): string }): string => `$${amount.toFixed(2)}`;
const percent = (share: number, digits = 1): string => `${share.toFixed(digits)}%`;

async function rows(): Promise<Row[]> {
  const calls = traffic();
  const upstream = await ReplayUpstream.start(calls.map(({ question }) => question));
  const done: Row[] = [];
  try {
    for (const step of STEPS) {
      const replayed = await replay(calls, upstream, configAt(step, upstream.url), answered => { tell(`${step}: ${answered} of ${CALLS}`); });
      const refused = replayed.served.filter(({ given }) => given.status !== 200);
      if (refused.length > 0) throw new Error(`With ${step}, ${refused.length} calls were not answered, the first with status ${refused[0]!.given.status}.`);
      const [summary, bill] = [summaryOf(replayed), billOf(replayed)];
      if (!summary.costUsd.equals(bill)) throw new Error(`With ${step}, the records cost $${summary.costUsd.toFixed()} and the upstream bills $${bill.toFixed()}.`);
      tell(`${step}: ${replayed.seconds.toFixed(0)} s, ${JSON.stringify({ ...summary, costUsd: usd(summary.costUsd), savedUsd: usd(summary.savedUsd) })}`);
      done.push({ step, summary });
    }
    tell(`The cheap model alone would answer ${percent(100 * goodShare(calls, 'cheap'))} well.`);
  } finally {
    await upstream.stop();
  }
  return done;
}

function table(done: readonly Row[]): string {
  const whole = done[0]!.summary.costUsd;
  const head = ['Step', 'Bypass', 'Cache', 'Cheap', 'Premium', 'Escalated', 'Flagged', 'Trimmed', 'Premium share', 'Cost', 'Saved', 'Good answers'];
  const lines = done.map(({ step, summary }) => [
    step === STEPS[0] ? step : `+ ${step}`, ...[summary.bypass, summary.cache, summary.cheap, summary.premium, summary.escalated, summary.flagged, summary.trimmed].map(count => count.toLocaleString('en')),
    percent(summary.premiumShare), usd(summary.costUsd), percent(100 - summary.costUsd.div(whole).times(100).toNumber()), percent(summary.quality),
  ]);
  return [head, head.map((_, i) => i === 0 ? '---' : '---:'), ...lines].map(cells => `| ${cells.join(' | ')} |`).join('\n');
}

const began = performance.now();
rows().then(done => {
  process.stdout.write(`${table(done)}\n\n`
    + `${CALLS.toLocaleString('en')} made-up calls of five tenants, a new customer with more code and arithmetic from the middle on; models that are made up as well, at ${usd(PRICES.cheap.input)} and ${usd(PRICES.cheap.output)} `
    + `(cheap) and ${usd(PRICES.premium.input)} and ${usd(PRICES.premium.output)} (premium) per million tokens in and out, as real ones are to each other. At most ${MAX_PREMIUM_SHARE_PERCENT}% premium, ${MAX_INPUT.toLocaleString('en')} tokens of input.\n`);
  tell(`${((performance.now() - began) / 1000).toFixed(0)} s in all`);
}, (error: unknown) => {
  tell(`replay:routing could not run. ${error instanceof Error ? error.stack ?? error.message : String(error)}`);
  process.exitCode = 1;
});
