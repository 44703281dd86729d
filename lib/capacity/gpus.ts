/** What one GPU does on paper: a forecast starts from the makers' figures and says how far they are from measurements. */
import { GpuInstance } from '../contracts/gpu-group';

type GpuFigures = Pick<GpuInstance, 'memoryMib' | 'bandwidthGigabytesPerSecond' | 'teraflops'>;

/**
 * Bandwidth and TFLOPS of NVIDIA's data sheets, recalled in November 2026 and looked up only for the bandwidth of A10G, RTX
 * PRO 4500 and RTX PRO 6000 (a benchmark of your own takes their place): dense (half of the figures printed "with
 * sparsity"), 16-bit with 32-bit accumulation. No fp8 entry: no fp8 units, fp8 weights then compute in 16 bits.
 * Memory as EC2 gives it (GpuInfo of DescribeInstanceTypes), from the instance list (see instances.ts).
 */
export const GPUS = {
  't4': { memoryMib: 16_384, bandwidthGigabytesPerSecond: 320, teraflops: { bf16: 65 } }, // 16-bit is fp16: no bf16 units
  't4g': { memoryMib: 16_384, bandwidthGigabytesPerSecond: 320, teraflops: { bf16: 65 } }, // the T4's chip
  'a10g': { memoryMib: 22_888, bandwidthGigabytesPerSecond: 600, teraflops: { bf16: 70 } }, // of the A10G, not the A10
  'l4': { memoryMib: 22_888, bandwidthGigabytesPerSecond: 300, teraflops: { bf16: 121, fp8: 242.5 } },
  'l40s': { memoryMib: 45_776, bandwidthGigabytesPerSecond: 864, teraflops: { bf16: 362, fp8: 733 } },
  // 800 GB/s is of the server card; TFLOPS are the workstation card's 220 and 440, less a tenth for its lower power.
  'rtx-pro-4500': { memoryMib: 32_768, bandwidthGigabytesPerSecond: 800, teraflops: { bf16: 200, fp8: 400 } },
  // Tensor TFLOPS are not on its data sheet: four (16-bit) and eight times (fp8) its 120 of fp32, as on the workstation card.
  'rtx-pro-server-6000': { memoryMib: 98_304, bandwidthGigabytesPerSecond: 1597, teraflops: { bf16: 480, fp8: 960 } },
  'a100-40gb': { memoryMib: 40_960, bandwidthGigabytesPerSecond: 1555, teraflops: { bf16: 312 } },
  'a100-80gb': { memoryMib: 81_920, bandwidthGigabytesPerSecond: 2039, teraflops: { bf16: 312 } },
  'h100': { memoryMib: 81_920, bandwidthGigabytesPerSecond: 3350, teraflops: { bf16: 989, fp8: 1979 } },
  'h200': { memoryMib: 144_384, bandwidthGigabytesPerSecond: 4800, teraflops: { bf16: 989, fp8: 1979 } },
  'b200': { memoryMib: 183_359, bandwidthGigabytesPerSecond: 8000, teraflops: { bf16: 2250, fp8: 4500 } },
  'b300': { memoryMib: 275_040, bandwidthGigabytesPerSecond: 8000, teraflops: { bf16: 2250, fp8: 4500 } },
} as const satisfies Record<string, GpuFigures>;

export type Gpu = keyof typeof GPUS;
