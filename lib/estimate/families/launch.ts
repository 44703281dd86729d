/** What an instance, a launch template or a launch configuration says about the machines it starts. */
import { Charge, orUnpriced, unpriced, usage } from '../charge';
import { Unresolvable } from '../intrinsics';
import { Resource } from '../resource';
import { Add, hours, volumeCharges } from './ebs';

/** EC2 sends this many metrics per instance with detailed monitoring, at the price of custom metrics. */
const DETAILED_METRICS = 7;

export const BY_ATTRIBUTES = 'instances are chosen by their attributes, so no type is known';

/** Where each kind of resource keeps the same things. */
interface Layout {
  readonly prefix: string;
  readonly tenancy: string;
  readonly monitoring: string;
  readonly monitoringByDefault: boolean;
}

const LAYOUTS: Readonly<Record<string, Layout>> = {
  'AWS::EC2::Instance': { prefix: '', tenancy: 'Tenancy', monitoring: 'Monitoring', monitoringByDefault: false },
  'AWS::EC2::LaunchTemplate': {
    prefix: 'LaunchTemplateData.', tenancy: 'Placement.Tenancy', monitoring: 'Monitoring.Enabled', monitoringByDefault: false,
  },
  'AWS::AutoScaling::LaunchConfiguration': {
    prefix: '', tenancy: 'PlacementTenancy', monitoring: 'InstanceMonitoring', monitoringByDefault: true,
  },
};

export class Launch {
  private readonly layout: Layout;

  public constructor(private readonly resource: Resource) {
    this.layout = LAYOUTS[resource.type]!;
  }

  /** The launch template or configuration of this template that a property refers to. */
  public static at(resource: Resource, at: string): Launch | undefined {
    const found = resource.references(at).find(r => Object.hasOwn(LAYOUTS, r.type));
    return found && new Launch(found);
  }

  public get instanceType(): string | undefined {
    if (this.resource.has(this.at('InstanceRequirements'))) throw new Unresolvable(BY_ATTRIBUTES);
    const at = this.at('InstanceType');
    return this.resource.has(at) ? this.resource.text(at) : undefined;
  }

  /** Refuses what list prices of Linux instances with shared tenancy do not cover; an operating system no template tells. */
  public refuseOtherPrices(): void {
    const tenancy = this.resource.text(this.at(this.layout.tenancy), 'default');
    if (tenancy !== 'default') throw new Unresolvable(`the price book has shared tenancy only, not ${tenancy}`);
    if (this.market === 'capacity-block') throw new Unresolvable('a capacity block is paid for in advance, at a price of its own');
  }

  public get spot(): boolean {
    return this.market === 'spot' || this.resource.has(this.at('SpotPrice'));
  }

  /** Volumes, public addresses and detailed monitoring of each machine. */
  public extras(add: Add, subnets: readonly Resource[]): Charge[] {
    return [...this.volumes(add), ...orUnpriced(() => this.addresses(add, subnets)), ...orUnpriced(() => this.monitoring(add))];
  }

  private get market(): string {
    return this.resource.text(this.at('InstanceMarketOptions.MarketType'), 'on-demand');
  }

  private volumes(add: Add): Charge[] {
    const at = this.at('BlockDeviceMappings');
    // The image brings a root volume of a size that no template tells: somebody may declare it.
    if (!this.resource.has(at)) return [usage('ebs/gp3-storage')];
    return orUnpriced(() => this.resource.parts(at)
      .filter(mapping => mapping.has('Ebs'))
      .flatMap(mapping => orUnpriced(() => mapping.has('Ebs.VolumeType')
        ? volumeCharges(mapping, 'Ebs.', 'VolumeSize', add)
        : [unpriced('a block device mapping without a VolumeType has the volume type of its image')])));
  }

  /** An address where a network interface asks for one or, unless it says otherwise, where the subnet gives one. */
  private addresses(add: Add, subnets: readonly Resource[]): Charge[] {
    const at = this.at('AssociatePublicIpAddress');
    const stated = this.resource.has(at)
      ? [this.resource.flag(at)]
      : this.resource.parts(this.at('NetworkInterfaces'))
        .filter(face => face.has('AssociatePublicIpAddress'))
        .map(face => face.flag('AssociatePublicIpAddress'));
    const given = stated.length > 0 ? stated.some(Boolean) : subnets.some(subnet => subnet.flag('MapPublicIpOnLaunch'));
    return given ? [add('public-ipv4/hour', hours)] : [];
  }

  private monitoring(add: Add): Charge[] {
    const detailed = this.resource.flag(this.at(this.layout.monitoring), this.layout.monitoringByDefault);
    return detailed ? [add('cloudwatch/metric', DETAILED_METRICS)] : [];
  }

  private at(property: string): string {
    return this.layout.prefix + property;
  }
}
