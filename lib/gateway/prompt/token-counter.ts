/** How many tokens a text is. Handed in: the exact one is a table of megabytes, which only a gateway that limits prompts has in memory. */
export type TokenCounter = (text: string) => number;
