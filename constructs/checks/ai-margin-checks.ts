import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  IPolicyValidationContext, IPolicyValidationPlugin, PolicyValidationPluginReport, PolicyViolation, Stage,
} from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { readPrices } from '../../lib/assembly/prices';
import { readTemplate } from '../../lib/assembly/read';
import { declarationIn, settled } from '../../lib/assembly/stack';
import { RULES, check } from '../../lib/checks';
import { Finding } from '../../lib/checks/rule';
import { StackForecast, forecastStack } from '../../lib/economics/evaluate';
import { InputError } from '../../lib/errors';
import { reportDocument } from '../../lib/report/document';
import { reportMarkdown } from '../../lib/report/markdown';
import { PRICES_CONTEXT } from '../prices-context';

/** How strictly what cannot be proved is judged. */
export enum CheckProfile {
  /** Unknown prices and undeclared usage are warnings. */
  DEFAULT = 'default',
  /** Unknown prices and undeclared usage are errors. */
  STRICT = 'strict',
}

/** Props of AiMarginChecks. */
export interface AiMarginChecksProps {
  /**
   * How strictly what cannot be proved is judged.
   *
   * @default CheckProfile.DEFAULT
   */
  readonly profile?: CheckProfile;
  /**
   * Region whose prices hold for stacks that name none.
   *
   * @default - their prices are unknown
   */
  readonly pricingRegion?: string;
}

/** Set to `report`, findings are printed and nothing fails: the break-glass. */
const GATE_CONTEXT = 'ai-margin:gate';

/**
 * Forecasts every stack at synth and fails it when a margin breaks. Register it with
 * `Validations.of(app).addPlugins(new AiMarginChecks(app))`; it also writes `ai-margin/report.json` and `report.md`
 * into the output folder. Findings are acknowledged as `AiMargin::MARGIN001`.
 */
export class AiMarginChecks implements IPolicyValidationPlugin {
  /** Name of the plugin in the validation report and namespace of acknowledgements. */
  public readonly name = 'AiMargin';
  /** Ids of the rules it evaluates. */
  public readonly ruleIds?: string[] = RULES.map(rule => rule.id);

  private readonly profile: CheckProfile;
  private readonly pricingRegion?: string;
  private readonly reportOnly: boolean;
  private readonly pricesFile?: string;

  public constructor(scope: IConstruct, props: AiMarginChecksProps = {}) {
    this.profile = props.profile ?? CheckProfile.DEFAULT;
    this.pricingRegion = props.pricingRegion;
    this.reportOnly = gateMode(scope) === 'report';
    this.pricesFile = scope.node.tryGetContext(PRICES_CONTEXT) as string | undefined;
    // A plugin may not change a file that is already in the output folder, and an old report must not outlive a failed synth.
    rmSync(reportFolder(scope.node.root), { recursive: true, force: true });
  }

  /** Called by the CDK with the synthesized templates. */
  public validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    const book = readPrices(this.pricesFile);
    const forecasts = context.stackTemplates.map(({ stackConstructPath, templatePath, region }) => {
      const stack = readTemplate(templatePath, region, stackConstructPath);
      return { templatePath, ...forecastStack(settled(stack, declarationIn(stack), this.pricingRegion), book) };
    });
    const findings = check(forecasts, this.profile).map(finding => this.reportOnly ? softened(finding) : finding);
    writeReport(reportFolder(context.appConstruct), forecasts, findings);
    return {
      success: !findings.some(finding => finding.severity === 'error'),
      violations: findings.map(finding => violation(finding, forecasts.find(f => f.stack.name === finding.stack)!.templatePath)),
    };
  }
}

function gateMode(scope: IConstruct): 'fail' | 'report' {
  const mode: unknown = scope.node.tryGetContext(GATE_CONTEXT) ?? 'fail';
  if (mode !== 'fail' && mode !== 'report') {
    throw new InputError(`context ${GATE_CONTEXT} is ${JSON.stringify(mode)}; it takes "report" (nothing fails) or "fail" (the default).`);
  }
  return mode;
}

/** Warnings too: they fail a strict synth. */
const softened = (finding: Finding): Finding => finding.severity === 'info' ? finding
  : { ...finding, severity: 'info', message: `${finding.message} (${finding.severity}; ${GATE_CONTEXT}=report only reports it)` };

function violation({ rule, severity, path, message, fix }: Finding, templatePath: string): PolicyViolation {
  return {
    ruleName: rule, description: message, severity, fix,
    violatingResources: [{ constructPath: path, templatePath, locations: [] }],
  };
}

function reportFolder(root: IConstruct): string {
  if (!Stage.isStage(root)) throw new InputError('AiMarginChecks takes a scope inside an App: it writes its report into the output folder of the app.');
  return join(root.outdir, 'ai-margin');
}

function writeReport(folder: string, forecasts: readonly StackForecast[], findings: readonly Finding[]): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'report.json'), `${JSON.stringify(reportDocument(forecasts, findings), null, 2)}\n`);
  writeFileSync(join(folder, 'report.md'), reportMarkdown(forecasts, findings));
}
