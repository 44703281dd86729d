/** Context key of a price file written by `ai-margin prices refresh`. */
export const PRICES_CONTEXT = 'ai-margin:prices';
