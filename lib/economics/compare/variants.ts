/** The ways to serve the workflows of one GPU group, each a stack of its own that is forecast like any other. */
import { Declaration, GPU_GROUP, ModelUseDeclaration, WorkflowDeclaration, isGpuGroup } from '../../contracts/declaration';
import { GpuGroup } from '../../contracts/gpu-group';
import { StackTemplate } from '../../estimate/estimate';
import { decimal } from '../../money';
import { withoutGroup } from './without-group';

export type VariantKind = 'managed' | 'hosted' | 'selfHosted' | 'hybrid';

export interface Variant {
  readonly kind: VariantKind;
  readonly servedBy: string;
  readonly stack: StackTemplate;
}

export interface ModelName {
  readonly provider: string;
  readonly model: string;
}

export interface Alternatives {
  readonly managed: ModelName;
  /** The same open model at a provider; the variant is left out where nobody names one. */
  readonly hosted?: ModelName;
  /** Of the calls of the hybrid, on the managed model. */
  readonly premiumSharePercent: number;
  /** Engineering hours a month that own GPUs take beyond those declared. */
  readonly peopleHoursPerMonth: number;
}

export const hasOwnGpus = (kind: VariantKind): boolean => kind === 'selfHosted' || kind === 'hybrid';

export function variantsOf(stack: StackTemplate, group: GpuGroup, { managed, hosted, premiumSharePercent, peopleHoursPerMonth }: Alternatives): Variant[] {
  const rest = withoutGroup(stack, group.path);
  const api = (kind: VariantKind, model: ModelName): Variant => ({
    kind, servedBy: nameOf(model), stack: { ...rest, declaration: moved(rest.declaration, group, ({ sharePercent }) => useOf(model, sharePercent)) },
  });
  const own = (kind: VariantKind, servedBy: string, uses: readonly ModelUseDeclaration[]): Variant => ({
    kind, servedBy, stack: { ...stack, declaration: withPeople(servedAll(stack.declaration, group, uses), peopleHoursPerMonth) },
  });
  const onGroup = (sharePercent: number): ModelUseDeclaration => useOf({ provider: GPU_GROUP, model: group.path }, sharePercent);
  // 100 - 64.1 is not 35.9 in binary.
  const ownSharePercent = decimal(100).minus(premiumSharePercent).toNumber();
  return [
    api('managed', managed),
    ...hosted ? [api('hosted', hosted)] : [],
    own('selfHosted', `${group.model.name} on ${group.instances[0]!.type}`, [onGroup(100)]),
    own('hybrid', `${ownSharePercent} % self-hosted, ${premiumSharePercent} % managed API`, [onGroup(ownSharePercent), useOf(managed, premiumSharePercent)]),
  ];
}

const nameOf = ({ provider, model }: ModelName): string => `${provider}/${model}`;

const useOf = ({ provider, model }: ModelName, sharePercent: number): ModelUseDeclaration =>
  ({ provider, model, serviceTier: 'standard', sharePercent, premium: false });

const isOn = ({ path }: GpuGroup) => (use: ModelUseDeclaration): boolean => isGpuGroup(use) && use.model === path;

export const isServedBy = ({ servedBy }: WorkflowDeclaration, group: GpuGroup): boolean => servedBy.some(isOn(group));

/** What the group serves goes elsewhere; models beside it stay. */
const moved = (declaration: Declaration, group: GpuGroup, elsewhere: (use: ModelUseDeclaration) => ModelUseDeclaration): Declaration => ({
  ...declaration,
  workflows: declaration.workflows.map(w => ({ ...w, servedBy: w.servedBy.map(use => isOn(group)(use) ? elsewhere(use) : use) })),
});

/** All calls of the workflows that the group serves part of. */
const servedAll = (declaration: Declaration, group: GpuGroup, uses: readonly ModelUseDeclaration[]): Declaration => ({
  ...declaration,
  workflows: declaration.workflows.map(w => isServedBy(w, group) ? { ...w, servedBy: [...uses] } : w),
});

/** Without a rate there is nothing to count hours with. */
function withPeople({ economics, ...declaration }: Declaration, hours: number): Declaration {
  const engineering = economics?.engineering;
  if (!engineering) return { ...declaration, economics };
  return { ...declaration, economics: { ...economics, engineering: { ...engineering, hoursPerMonth: engineering.hoursPerMonth + hours } } };
}
