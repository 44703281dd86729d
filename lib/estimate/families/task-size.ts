/** The size of a Fargate task and the items it is charged as. */
import { Decimal, decimal } from '../../money';
import { Unresolvable } from '../intrinsics';
import { Resource } from '../resource';

export interface TaskSize {
  readonly cpuItem: string;
  readonly memoryItem: string;
  readonly vcpus: Decimal;
  readonly gigabytes: Decimal;
}

export function taskSize(task: Resource): TaskSize {
  const system = task.text('RuntimePlatform.OperatingSystemFamily', 'LINUX');
  if (system !== 'LINUX') throw new Unresolvable(`the price book has Fargate prices for LINUX only, not for ${system}`);
  const arm = task.text('RuntimePlatform.CpuArchitecture', 'X86_64') === 'ARM64';
  return {
    cpuItem: arm ? 'fargate/arm-vcpu' : 'fargate/vcpu',
    memoryItem: arm ? 'fargate/arm-memory' : 'fargate/memory',
    vcpus: size(task, 'Cpu', /^(\d*\.?\d+)\s*vcpu$/i),
    gigabytes: size(task, 'Memory', /^(\d*\.?\d+)\s*gb$/i),
  };
}

/** `1024`, or `1 vCPU` and `1 GB`. */
function size(task: Resource, at: string, withUnit: RegExp): Decimal {
  const whole = withUnit.exec(task.text(at))?.[1];
  return whole === undefined ? decimal(task.number(at)).div(1024) : decimal(whole);
}
