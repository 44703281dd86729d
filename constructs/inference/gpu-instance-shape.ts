import { Size } from 'aws-cdk-lib';
import { InstanceType } from 'aws-cdk-lib/aws-ec2';
import { GPU_INSTANCE_TYPES, catalogInstance, whyNotServed } from '../../lib/capacity/instances';
import { GpuInstance, gpuInstanceSchema } from '../../lib/contracts/gpu-group';
import { InputError, parseWith } from '../../lib/errors';

/** The GPUs of an instance type the library does not know yet; the figures are on the data sheet of the GPU. */
export interface GpuInstanceShape {
  /** The instance type. */
  readonly instanceType: InstanceType;
  /** Whole GPUs of one instance. */
  readonly gpus: number;
  /** Memory of one GPU, as nvidia-smi prints it. */
  readonly gpuMemory: Size;
  /**
   * Memory bandwidth of one GPU, in GB (1e9 bytes) a second.
   *
   * @default 320, that of the slowest GPU in the catalogue, a T4: throughput is then a floor
   */
  readonly bandwidthGigabytesPerSecond?: number;
  /**
   * Dense 16-bit TFLOPS of one GPU.
   *
   * @default 65, those of a T4: throughput is then a floor
   */
  readonly bf16Teraflops?: number;
  /**
   * Dense 8-bit TFLOPS of one GPU.
   *
   * @default - no fp8 units: fp8 weights compute in 16 bits
   */
  readonly fp8Teraflops?: number;
  /**
   * vCPUs of one instance, which is what a quota counts.
   *
   * @default - unknown: a declared quota cannot be checked
   */
  readonly vcpus?: number;
}

/** The shapes of a group's instance types, or an InputError for what cannot be a group. */
export function instanceShapes(path: string, types: readonly InstanceType[], declared: readonly GpuInstanceShape[]): GpuInstance[] {
  if (types.length === 0) throw new InputError(`${path}: instanceTypes is empty; give at least one GPU instance type, such as g6e.xlarge.`);
  const twice = types.map(String).find((type, i, all) => all.indexOf(type) !== i);
  if (twice) throw new InputError(`${path}: instanceTypes names ${twice} twice; Auto Scaling takes each type once.`);
  const shapes = types.map(type => shapeOf(path, type, declared));
  const gpus = new Set(shapes.map(shape => shape.gpus));
  if (gpus.size > 1) {
    throw new InputError(`${path}: ${list(shapes, s => `${s.type} has ${s.gpus}`)} GPUs; one task serves all instances of a group, so give types of one GPU count.`);
  }
  const architectures = new Set(shapes.map(shape => shape.architecture));
  if (architectures.size > 1) {
    throw new InputError(`${path}: ${list(shapes, s => `${s.type} is ${s.architecture}`)}; one image serves all instances of a group, so give types of one architecture.`);
  }
  const arm = shapes.find(shape => shape.architecture === 'arm64');
  if (arm) throw new InputError(`${path}: ${arm.type} is arm64, and the ECS GPU image of Amazon Linux 2023 is x86_64; give an x86_64 type, such as g6.xlarge.`);
  return shapes;
}

function shapeOf(path: string, instanceType: InstanceType, declared: readonly GpuInstanceShape[]): GpuInstance {
  const type = instanceType.toString();
  const own = declared.find(shape => shape.instanceType.toString() === type);
  if (own) {
    return parseWith(gpuInstanceSchema, {
      type, gpu: 'declared', gpus: own.gpus, memoryMib: own.gpuMemory.toMebibytes(), bandwidthGigabytesPerSecond: own.bandwidthGigabytesPerSecond ?? 320,
      teraflops: { bf16: own.bf16Teraflops ?? 65, fp8: own.fp8Teraflops }, vcpus: own.vcpus, architecture: 'x86_64',
    }, `${path}: the shape of ${type}`);
  }
  const known = catalogInstance(type);
  if (known) return known;
  throw new InputError(`${path}: ${whyNotServed(type) ?? `${type} is not a GPU instance type this knows (it knows ${GPU_INSTANCE_TYPES.join(', ')})`}; `
    + 'declare its GPUs and their memory with instanceShapes, or give another type.');
}

const list = (shapes: readonly GpuInstance[], say: (shape: GpuInstance) => string): string => shapes.map(say).join(', ');
