/** How long one scaling decision takes: 80 instances, four floors, full windows. Prints; judges nothing (goal: under 1 ms). */
import { decide } from '../../lib/scaling/decide';
import { Policy } from '../../lib/scaling/policy';
import { Replica, Seen } from '../../lib/scaling/seen';
import { NO_STATE, State } from '../../lib/scaling/state';

const DECISIONS = 2_000;
const START = Date.UTC(2026, 0, 5);

const replicas = (prefix: string): Replica[] =>
  Array.from({ length: 40 }, (_, i) => ({ id: `${prefix}${i}`, lifecycle: 'inService', healthy: i % 7 !== 0, draining: false }));

export function benchDecide(): string[] {
  const policy: Policy = {
    scaling: { minReplicas: 1, maxReplicas: 40, targetConcurrencyPerReplica: 32, idleHoldSeconds: 900 },
    purchase: { kind: 'spotWithFallback', onDemandBase: 1, holdSeconds: 900, maxSpotPricePercent: 80 },
    floors: ['40 8', '40 12', '0 18', '30 22'].map((time, i) =>
      ({ id: `Floor${i}`, minReplicas: 4 + i, cron: `${time} * * MON-FRI`, timeZone: 'America/New_York', durationSeconds: 7_200 })),
    instances: [{ type: 'g6e.xlarge', onDemandUsdPerHour: 1.861 }, { type: 'g6e.2xlarge', onDemandUsdPerHour: 2.242 }],
    coldStartSeconds: 300,
  };
  const spot = { desired: 39, zones: ['a', 'b', 'c'], replicas: replicas('s') };
  const onDemand = { desired: 12, zones: ['a', 'b', 'c'], replicas: replicas('d') };
  let state: State = NO_STATE;
  const millis = Array.from({ length: DECISIONS }, (_, i) => {
    const now = START + i * 60_000;
    const seen: Seen = {
      spot, onDemand, deploying: false, signals: { inFlight: { at: now, inFlightSeconds: 60 * (1_200 - i % 15 * 40), replicaSeconds: 60 * 40 }, refused: 0 },
      spotPrices: ['a', 'b', 'c'].map(zone => ({ type: 'g6e.xlarge', zone, usdPerHour: 0.997 })),
      facts: [{ kind: 'rebalance', instance: `s${i % 40}`, at: now }, { kind: 'launchFailure', group: 'spot', id: `a${i}`, quota: false, at: now }],
    };
    const started = performance.now();
    ({ state } = decide(policy, state, seen, new Date(now)));
    return performance.now() - started;
  }).toSorted((a, b) => a - b);
  const at = (share: number): string => millis[Math.floor(share * (DECISIONS - 1))]!.toFixed(3);
  return [`decision for 80 instances and four floors  median ${at(0.5)} ms, 99% under ${at(0.99)} ms (${DECISIONS} decisions)`];
}
