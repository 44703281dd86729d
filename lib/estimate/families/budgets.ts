/** AWS Budgets: budgets are free; a budget with an action is charged by the day (the account's first two are free). */
import { fixed } from '../charge';
import { Family } from '../family';

const DAYS_PER_MONTH = '30.416666666667'; // 730 hours

export const budgets: Family = {
  name: 'Budgets',
  charges: {
    'AWS::Budgets::Budget': () => [],
    'AWS::Budgets::BudgetsAction': () => [fixed('budgets/action', DAYS_PER_MONTH)],
  },
};
