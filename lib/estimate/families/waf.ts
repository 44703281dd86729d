/** WAF: web ACLs and each of their rules by the month, requests by use. A managed rule group counts as one rule. */
import { Charge, fixed, unpriced, usage } from '../charge';
import { Family } from '../family';
import { Resource } from '../resource';

export const waf: Family = {
  name: 'WAF',
  charges: {
    'AWS::WAFv2::WebACL': acl => aclCharges(acl),
    'AWS::WAFv2::RuleGroup': () => [unpriced('how the rules of a rule group are charged is not in the price book')],
    'AWS::WAFv2::WebACLAssociation': () => [],
    'AWS::WAFv2::IPSet': () => [],
    'AWS::WAFv2::RegexPatternSet': () => [],
  },
};

/** Managed rule groups that AWS charges for beyond the rule. */
const SUBSCRIBED = /^AWSManagedRules(BotControl|ATP|ACFP|AntiDDoS)/;

function aclCharges(acl: Resource): Charge[] {
  const rules = acl.parts('Rules');
  return [
    fixed('waf/web-acl', 1),
    ...rules.length > 0 ? [fixed('waf/rule', rules.length)] : [],
    usage('waf/request'),
    ...rules.flatMap(ruleCharges),
  ];
}

function ruleCharges(rule: Resource): Charge[] {
  const [vendor, name] = ['VendorName', 'Name'].map(property => rule.text(`Statement.ManagedRuleGroupStatement.${property}`, ''));
  if (vendor !== '' && vendor !== 'AWS') return [unpriced(`the rule group ${name} is sold by ${vendor}`)];
  if (SUBSCRIBED.test(name!)) return [unpriced(`the rule group ${name} has a price of its own, which is not in the book`)];
  return rule.has('Action.Captcha') || rule.has('Action.Challenge') ? [unpriced('captchas and challenges have no price in the book')] : [];
}
