/**
 * The Price List names the same unit in many ways ("Hrs", "hours", "LCU-Hrs") and sometimes sells in another size than
 * ours (throughput per GiBps). A label that fits no rule is refused, never guessed at.
 */
import { Decimal, decimal } from '../money';

interface UnitRule {
  readonly label: RegExp;
  /** How many of the API's units make one of ours. */
  readonly perOurs: Decimal;
}
export type Unit = readonly UnitRule[];

const rule = (label: RegExp, perOurs: number | Decimal = 1): UnitRule => ({ label, perOurs: decimal(perOurs) });

export const HOUR: Unit = [rule(/^([a-z]+-)*h(ou)?rs?$/i)];
export const GB: Unit = [rule(/^(gb|gigabytes?)$/i)];
export const GB_MONTH: Unit = [rule(/^gb-?mo(nth)?s?$/i)];
export const TB: Unit = [rule(/^(tb|terabytes?)$/i)];
const GB_SECONDS = /^(lambda-)?(gb-?)?seconds?$/i;
export const GB_SECOND: Unit = [rule(GB_SECONDS)];
export const GB_HOUR_OF_SECONDS: Unit = [rule(GB_SECONDS, 3600)];
/** Listed per GiBps in most regions, per MiBps in some; ours is per MiBps. */
export const MBPS_MONTH: Unit = [
  rule(/^gibps-?mo(nth)?s?$/i, decimal(1).div(1024)),
  rule(/^mi?bps-?mo(nth)?s?$/i),
];
/** Things that are counted: any label that names no multiple, time or size: "Requests", "IOPS-Mo", but not "1K Requests", "Hrs". */
export const COUNT: Unit = [rule(/^(?!.*(thousand|million|\bh(ou)?rs?$|seconds?$|bytes?$|\b[gt]i?b\b))[a-z][a-z /-]*$/i)];
/** EventBridge counts an event as chunks of 64 KB; ours are events of one chunk. */
export const EVENT: Unit = [rule(/^64K-Chunks$/i), ...COUNT];

/** API units per one of ours; null for a label that is not known to measure this. */
export function perOurUnit(unit: Unit, label: string): Decimal | null {
  return unit.find(({ label: pattern }) => pattern.test(label.trim()))?.perOurs ?? null;
}
