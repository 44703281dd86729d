/** Reads the measured points of test/fixtures/throughput. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GPUS, Gpu } from '../../../lib/capacity/gpus';
import { Preset, presetModel } from '../../../lib/capacity/models';
import { CallShape } from '../../../lib/capacity/call-shape';
import { GpuGroup, MeasuredPoint, ServedModelDeclaration } from '../../../lib/contracts/gpu-group';

export interface Point extends Pick<GpuGroup, 'model' | 'instances'> {
  readonly call: CallShape;
  readonly measured: MeasuredPoint;
}

export function pointsOf(file: 'points.csv' | 'series.csv'): Point[] {
  const text = readFileSync(join(__dirname, '../../fixtures/throughput', file), 'utf8');
  const [, ...rows] = text.split('\n').filter(line => line !== '' && !line.startsWith('#')).map(line => line.split(','));
  return rows.map(([preset, precision, gpu, gpus, input, output, concurrency, rate]) => {
    const call = { inputTokens: Number(input), outputTokens: Number(output) };
    return {
      model: presetModel(preset as Preset, precision as ServedModelDeclaration['precision']),
      instances: [{ type: 'measured', gpu: gpu!, gpus: Number(gpus), ...GPUS[gpu as Gpu], architecture: 'x86_64' }],
      call,
      measured: { concurrency: Number(concurrency), tokensPerSecond: Number(rate), inputTokensPerCall: call.inputTokens, outputTokensPerCall: call.outputTokens },
    };
  });
}
