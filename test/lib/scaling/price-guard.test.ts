import { spotIsCheap } from '../../../lib/scaling/price-guard';

const INSTANCES = [{ type: 'g6e.xlarge', onDemandUsdPerHour: 2 }, { type: 'g6e.2xlarge', onDemandUsdPerHour: null }];
const pool = (type: string, zone: string, usdPerHour: number) => ({ type, zone, usdPerHour });

test.each([
  ['one pool under 80 %', [pool('g6e.xlarge', 'a', 1.59), pool('g6e.xlarge', 'b', 1.99)], true],
  ['every pool at or above', [pool('g6e.xlarge', 'a', 1.6), pool('g6e.xlarge', 'b', 2)], false],
  ['dear, beside a type that nobody can judge', [pool('g6e.xlarge', 'a', 1.99), pool('g6e.2xlarge', 'a', 0.01)], false],
  ['only types that nobody can judge', [pool('g6e.2xlarge', 'a', 9)], true],
  ['types of somebody else', [pool('p5.48xlarge', 'a', 50)], true],
  ['no price at all', [], true],
])('%s', (_, pools, cheap) => expect(spotIsCheap(pools, INSTANCES, 80)).toBe(cheap));
