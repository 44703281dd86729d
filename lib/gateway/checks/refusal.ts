/**
 * The model does not decline to answer: by OpenAI's own field for it, or in English at the beginning of its answer. What it writes
 * on somebody's behalf, what it says further on, and a disclaimer before an answer is no refusal of the call.
 */
import { Check } from './answer';

const BEGINNING = 400;
/** Who declines is brief: a longer text that begins so has an answer behind it. */
const LONGEST = 1_500;

/** Said before it; a greeting by name is an e-mail's. */
const BEFORE = [
  String.raw`(?:hi|hello|hey)(?: there)?[,.!] `,
  String.raw`(?:i(?:'m| am) (?:(?:so|very|really|truly) )?(?:sorry|afraid)|i apologi[sz]e|(?:my )?(?:sincere )?apologies|sorry|unfortunately|regrettably)(?: for (?:any|the) [a-z ]{1,30})?,?[.;:!-]? (?:but,? |that )?(?:however, )?`,
  String.raw`as an? (?:ai|artificial|large|language|responsible|virtual)[^,.!?]{0,80}, `,
  String.raw`i(?:'m| am) (?:just |only )?an? (?:ai|artificial|large|language|virtual)[^,.!?]{0,80}(?:,|\.| and) (?:so |and )?`,
  String.raw`(?:i (?:understand|appreciate|realize|know|see|can see)|thank(?:s| you) for|while i|that's|this is)[^.!?]{0,160}(?:, but |[.,] (?:however, |unfortunately, |but )?)`,
];

const NOT = String.raw`i (?:can't|cannot|can not|won't|will not|wouldn't|am not able to|am unable to|am not comfortable|don't feel comfortable|do not feel comfortable|am not allowed to|am not permitted to|am not going to|am not in a position to|must decline to|have to decline to|need to decline to|do not have the ability to|don't have the ability to|refuse to)`;
const ADVERB = '(?: (?:directly|really|currently|actually|ethically|legally|safely|in good conscience))?';
/** "I can't help but smile" is none. */
const HELP = String.raw`(?:be able to )?(?:help(?:ing)?(?! but\b| (?:wonder|notic|feel|think|smil|admir)[a-z]*)|assist(?:ing)?|comply|fulfill?|engage in|participate in)\b`;
const GIVE = String.raw`(?:be able to )?(?:(?:with )?(?:provid|creat|generat|writ|produc|offer|shar|discuss|giv)(?:e|ing)?|answer|complete|do|support|facilitate|continue with|respond to|talk about|look up|browse|access|open) `;
const WHAT = String.raw`(?:you )?(?:with )?(?:(?:a |an |any |specific |personal |detailed |explicit |harmful )*(?:medical|legal|financial|tax|investment|professional)\b|(?:that|this|it|so)(?: (?:kind|type|sort|request|question|information|content|task|for you))?\b(?!'| way)|such\b|the (?:requested|information|content|internet|web|link|file)\b|your (?:request|question)\b|(?:specific |personal |detailed |any |step-by-step )*(?:instructions|information|advice|guidance|assistance|help|content|details|explicit|harmful)\b|external\b|real-time\b)`;

const PHRASES = [
  String.raw`${NOT}${ADVERB} (?:${HELP}|${GIVE}${WHAT})`,
  String.raw`i (?:must|have to|need to|will have to)(?: respectfully| politely)? decline(?: to (?:answer|help|assist|provide|write|create|discuss)\b|(?: this| that| your) request|[.!]?$)`,
  String.raw`i (?:do not|don't) have (?:access to|enough (?:information|context)|sufficient (?:information|context)|the (?:information|capability|context)|real-time)\b`,
  String.raw`(?:it|this|that) (?:is|would be|'s|wouldn't be|isn't|is not|would not be) (?:not |in)?(?:appropriate|ethical|unethical|something i can)\b[^.!?]{0,20}(?:for me to|help|assist|do)`,
  String.raw`(?:this|that|your) request (?:violates|goes against|is against|conflicts with|falls outside)`,
  String.raw`(?:my|the) (?:guidelines|programming|policies|safety guidelines|content policy|content policies) (?:do not|don't|does not|prevent|prohibit|forbid)`,
];
const REFUSAL = new RegExp(`^(?:${BEFORE.join('|')}){0,4}(?:${PHRASES.join('|')})`);

const DAY = '(?:mon|tues|wednes|thurs|fri|satur|sun)day';
/** Right behind it: a time, as in an e-mail, or the answer after all. An offer of something else is none. */
const TIME = String.raw`(?: [a-z]+)? (?:today|tonight|tomorrow|(?:this|next) (?:week|weekend|month|year|morning|afternoon|evening)|(?:on|this|next) ${DAY})\b(?!')`;
const SAYS = 'based on|judging by|according to|going by|from (?:what|the)|assuming|generally|in general|typically|usually|here(?:\'s| is| are)';
const ANSWER = String.raw`[^.!?]{0,80}(?:, but|[.;]? however,) (?:${SAYS})\b`;
const FOLLOWED = new RegExp(`^(?:${TIME}|${ANSWER})`);
/** The end of a letter. */
const SIGNED = /[\n.!?]\s*(?:(?:best|kind|kindest|warm|many) )?(?:best|regards|wishes|thanks|cheers|sincerely|yours(?: [a-z]{5,10})?),\s+[\p{L}[][^\n.!?]{0,40}$/iu;

export const refusal: Check = ({ text, refusal: own, toolCalls }) => {
  if (own !== null && own !== '') return 'is the provider\'s own refusal';
  return toolCalls.length === 0 && text.length <= LONGEST && !SIGNED.test(text.trimEnd().slice(-100)) && declines(plain(text)) ? 'begins with a refusal' : undefined;
};

function declines(beginning: string): boolean {
  const [said] = REFUSAL.exec(beginning) ?? [];
  return said !== undefined && !FOLLOWED.test(beginning.slice(said.length));
}

/** One spelling of what is said in several. */
const plain = (text: string): string => text.slice(0, BEGINNING).toLowerCase()
  .replace(/[\u2018\u2019\u02BC]/g, '\'')
  .replace(/[*_#>]/g, '')
  .replace(/\s*[\u2013\u2014]\s*/g, ', ')
  .replace(/\s+/g, ' ').trim()
  .replace(/\bi'm (?=not|unable)/g, 'i am ');
