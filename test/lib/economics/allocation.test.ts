import * as fc from 'fast-check';
import { parseDeclaration } from '../../../lib/economics/declared';
import { allocationOf } from '../../../lib/economics/allocation';
import { catalogInstance } from '../../../lib/capacity/instances';
import { presetModel } from '../../../lib/capacity/models';
import { decimal, sum } from '../../../lib/money';

const group = {
  path: 'S/Llama', model: presetModel('llama31_8b', 'fp8'), instances: [catalogInstance('g6e.xlarge')], maxModelLength: 8_192, coldStartSeconds: 253,
  scaling: { minReplicas: 1, maxReplicas: 9, targetConcurrencyPerReplica: 32, idleHoldSeconds: 900 }, purchase: { kind: 'onDemand' },
};
const declare = (workflows: readonly { peak: number; share: number; weight: number }[]) => parseDeclaration({
  version: 1, economics: { targetGrossMarginPercent: 70 }, groups: [group],
  workflows: workflows.map(({ peak, share, weight }, i) => ({
    id: `W${i}`, revenue: { usdPerRun: 1 }, runsPerMonth: 1, callsPerRun: 1, tokensPerCall: { input: 10, output: 10 }, peakConcurrency: peak, averageDurationSeconds: 1, fixedCostWeight: weight,
    servedBy: [{ provider: 'gpu-group', model: 'S/Llama', sharePercent: share }, { provider: 'openai', model: 'gpt-5-mini', sharePercent: 100 - share }],
  })),
}, 'test');

test('a group is carried by peak times share of calls, the rest by weight', () => {
  const declaration = declare([{ peak: 30, share: 100, weight: 1 }, { peak: 20, share: 50, weight: 3 }, { peak: 99, share: 0, weight: 0 }]);
  const share = allocationOf(declaration);
  expect(declaration.workflows.map(w => share(w, 'S/Llama').toFixed())).toEqual(['0.75', '0.25', '0']);
  expect(declaration.workflows.map(w => share(w).toFixed())).toEqual(['0.25', '0.75', '0']);
});

test('a group nobody is served by is common cost', () => {
  const declaration = declare([{ peak: 5, share: 0, weight: 1 }, { peak: 5, share: 0, weight: 1 }]);
  expect(declaration.workflows.map(w => allocationOf(declaration)(w, 'S/Llama').toFixed())).toEqual(['0.5', '0.5']);
});

test('nothing is carried twice, and nothing is lost', () => {
  const workflow = fc.record({ peak: fc.integer({ min: 1, max: 500 }), share: fc.integer({ min: 0, max: 100 }), weight: fc.integer({ min: 1, max: 9 }) });
  fc.assert(fc.property(fc.array(workflow, { minLength: 1, maxLength: 6 }), ws => {
    const declaration = declare(ws);
    const share = allocationOf(declaration);
    for (const of of ['S/Llama', undefined]) expect(sum(declaration.workflows.map(w => share(w, of))).minus(1).abs().lt(decimal('1e-30'))).toBe(true);
  }));
});
