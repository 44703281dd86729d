/** COST001: resources of a type this cannot price; they are in no total. */
import { Rule } from './rule';

export const cost001: Rule = {
  id: 'COST001',
  title: 'Resources without a price',
  evaluate: (forecast, profile) => {
    const byReason = new Map<string, string[]>();
    for (const { cause, reason, path, logicalId } of forecast.bill.unpriced) {
      if (cause !== 'type') continue;
      byReason.set(reason, [...byReason.get(reason) ?? [], path || `${forecast.stack.name}/${logicalId}`]);
    }
    return [...byReason].map(([reason, paths]) => ({
      rule: 'COST001', severity: profile === 'strict' && forecast.workflows.length > 0 ? 'error' : 'info', stack: forecast.stack.name, path: paths[0]!,
      message: `${reason}: ${paths.slice(0, 5).join(', ')}${paths.length > 5 ? ` and ${paths.length - 5} more` : ''}`,
      fix: 'declare its usage under an item of your own (custom/...) and a price commitment for that item',
    }));
  },
};
