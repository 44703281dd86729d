/** What one weight takes in GPU memory. */
import { ServedModelDeclaration } from '../contracts/gpu-group';

export type Precision = ServedModelDeclaration['precision'];

/** 4-bit weights carry a 16-bit scale and a 4-bit zero point for each group of 128. */
export const BYTES_PER_WEIGHT: Record<Precision, number> = { bf16: 2, fp8: 1, int4: (4 + 20 / 128) / 8 };
