import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import { ITopic } from 'aws-cdk-lib/aws-sns';
import { Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { InputError } from '../../lib/errors';

/** A tag that selects what a budget counts. It must be activated for cost allocation in the payer account. */
export interface BudgetTag {
  /** Tag key. */
  readonly key: string;
  /** Tag value. */
  readonly value: string;
}

/** Props of AiBudget. */
export interface AiBudgetProps {
  /** USD a month, above 0. */
  readonly monthlyUsd: number;
  /** Topic that is told; its policy must let AWS Budgets publish, as AlertTopic's does. */
  readonly topic: ITopic;
  /**
   * Counts only resources with this tag.
   *
   * @default - the whole account
   */
  readonly tag?: BudgetTag;
  /**
   * Percent of the budget actually spent at which the topic is told.
   *
   * @default [50, 80, 100]
   */
  readonly actualPercents?: number[];
  /**
   * Percent of the budget forecast for the month at which the topic is told. AWS needs about five weeks of history.
   *
   * @default [100]
   */
  readonly forecastPercents?: number[];
}

const MOST_NOTIFICATIONS = 5;

/**
 * A monthly AWS budget with alerts. Billing data lags 8 to 24 hours, so this tells and does not stop. Free.
 */
export class AiBudget extends Construct {
  public constructor(scope: Construct, id: string, props: AiBudgetProps) {
    super(scope, id);
    const { monthlyUsd, topic, tag, actualPercents = [50, 80, 100], forecastPercents = [100] } = props;
    if (!Number.isFinite(monthlyUsd) || monthlyUsd <= 0) {
      throw new InputError(`${this.node.path}: monthlyUsd is ${monthlyUsd}; a budget is a number of USD above 0.`);
    }
    const percents = [...actualPercents, ...forecastPercents];
    const wrong = percents.find(p => !Number.isFinite(p) || p <= 0 || p > 1000);
    if (wrong !== undefined) throw new InputError(`${this.node.path}: threshold ${wrong} % is not between 0 and 1000.`);
    if (percents.length === 0 || percents.length > MOST_NOTIFICATIONS) {
      throw new InputError(`${this.node.path}: ${percents.length} thresholds; a budget takes 1 to ${MOST_NOTIFICATIONS}.`);
    }
    if (tag && (tag.key === '' || tag.value === '') && !Token.isUnresolved(tag.value)) {
      throw new InputError(`${this.node.path}: a budget tag needs a key and a value.`);
    }
    const notification = (notificationType: string) => (threshold: number): CfnBudget.NotificationWithSubscribersProperty => ({
      notification: { notificationType, comparisonOperator: 'GREATER_THAN', threshold, thresholdType: 'PERCENTAGE' },
      subscribers: [{ subscriptionType: 'SNS', address: topic.topicArn }],
    });
    // No name: a change of notifications replaces the budget, and a fixed name would collide with itself.
    new CfnBudget(this, 'Resource', {
      budget: {
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: monthlyUsd, unit: 'USD' },
        // Without the prefix `user:` the budget would count nothing.
        costFilters: tag && { TagKeyValue: [`user:${tag.key}$${tag.value}`] },
      },
      notificationsWithSubscribers: [...actualPercents.map(notification('ACTUAL')), ...forecastPercents.map(notification('FORECASTED'))],
    });
  }
}
