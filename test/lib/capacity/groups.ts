/** The group of the design's example, and any group at all. */
import * as fc from 'fast-check';
import { PRESETS, presetModel, presetPrecisions } from '../../../lib/capacity/models';
import { GPU_INSTANCE_TYPES, catalogInstance } from '../../../lib/capacity/instances';
import { GpuGroup, PurchaseDeclaration } from '../../../lib/contracts/gpu-group';

export const WEEKDAYS_AT_NINE = { id: 'NineAm', minReplicas: 4, cron: '40 8 * * MON-FRI', timeZone: 'America/New_York', durationSeconds: 7200 };

/** Llama 3.1 8B in FP8 on one L40S, at most 40 replicas of 32 calls. */
export const example = (over: Partial<GpuGroup> = {}): GpuGroup => ({
  path: 'AmbientNotes/Llama',
  model: presetModel('llama31_8b', 'fp8'),
  instances: ['g6e.xlarge', 'g6e.2xlarge'].map(type => catalogInstance(type)!),
  maxModelLength: 16_384,
  scaling: { minReplicas: 1, maxReplicas: 40, targetConcurrencyPerReplica: 32, idleHoldSeconds: 600 },
  purchase: { kind: 'spotWithFallback', onDemandBase: 1, holdSeconds: 900, maxSpotPricePercent: 80 },
  floors: [],
  measured: [],
  quota: {},
  coldStartSeconds: 300,
  ...over,
});

export const anyModel = fc.constantFrom(...PRESETS).chain(preset => fc.constantFrom(...presetPrecisions(preset)).map(precision => presetModel(preset, precision)));
export const anyInstance = fc.constantFrom(...GPU_INSTANCE_TYPES.map(type => catalogInstance(type)!));

const anyPurchase: fc.Arbitrary<PurchaseDeclaration> = fc.oneof(
  fc.constant({ kind: 'onDemand' as const }),
  fc.constant({ kind: 'spotOnly' as const, reason: 'batch work that can wait' }),
  fc.record({
    kind: fc.constant('spotWithFallback' as const), onDemandBase: fc.nat(3), holdSeconds: fc.nat(3600), maxSpotPricePercent: fc.integer({ min: 1, max: 100 }),
  }),
);

/** Few, because each new calendar takes a while to read. */
const anyFloor = fc.constantFrom<GpuGroup['floors']>([], [WEEKDAYS_AT_NINE], [{ ...WEEKDAYS_AT_NINE, minReplicas: 1 }, { ...WEEKDAYS_AT_NINE, cron: '0 14 * * *', minReplicas: 12 }]);

/** Of the example's model and machines; no floor is above the maximum, no minimum either. */
export const anyGroup: fc.Arbitrary<GpuGroup> = fc.record({
  min: fc.nat(5), more: fc.nat(20), target: fc.integer({ min: 1, max: 80 }), idleHoldSeconds: fc.nat(7200), coldStartSeconds: fc.integer({ min: 1, max: 3600 }),
  purchase: anyPurchase, floors: anyFloor,
}).map(({ min, more, target, floors, idleHoldSeconds, ...rest }) => {
  const maxReplicas = Math.max(1, min + more, ...floors.map(floor => floor.minReplicas));
  return example({
    ...rest,
    scaling: { minReplicas: min, maxReplicas, targetConcurrencyPerReplica: target, idleHoldSeconds },
    floors,
  });
});
