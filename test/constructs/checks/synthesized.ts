/** An app through the gate: whether it failed, and what the report beside its templates says. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { reportSchema } from '../../../lib/contracts/report';

export interface Synthesized {
  readonly failed: string | undefined;
  readonly findings: { readonly rule: string; readonly severity: string; readonly path: string; readonly message: string; readonly fix: string }[];
  readonly report: ReturnType<typeof reportSchema.parse>;
}

export function synth(app: App): Synthesized {
  let failed: string | undefined;
  try {
    app.synth();
  } catch (error) {
    failed = String(error);
  }
  const report = reportSchema.parse(JSON.parse(readFileSync(join(app.outdir, 'ai-margin/report.json'), 'utf8')));
  return { failed, findings: report.findings, report };
}
