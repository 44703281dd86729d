import { WorkflowDeclaration } from '../../lib/contracts/declaration';

/** Options for revenue that comes by the seat. */
export interface SeatRevenue {
  /** Seats that pay. */
  readonly seats: number;
  /** USD a seat pays a month. */
  readonly usd: number;
}

/** What a workflow earns. */
export class Revenue {
  /**
   * USD for each run of the workflow.
   *
   * @param usd USD per run, zero or more.
   */
  public static perRun(usd: number): Revenue {
    return new Revenue({ usdPerRun: usd });
  }

  /** A price per seat and month, whatever the seats use. */
  public static perSeatMonth(options: SeatRevenue): Revenue {
    return new Revenue({ seats: options.seats, usdPerSeatMonth: options.usd });
  }

  private constructor(private readonly declared: WorkflowDeclaration['revenue']) {}

  /** @internal */
  public _render(): WorkflowDeclaration['revenue'] {
    return this.declared;
  }
}
