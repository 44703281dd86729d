/** The JSON of a model's answer. */

/** Models put JSON into a Markdown fence also where they are told not to. */
const FENCED = /^```[A-Za-z0-9]{0,10}[ \t]*\r?\n([^]*?)\r?\n?```$/;

/** undefined: it is none. The parser's own error would quote the answer. */
export function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** With or without a fence around it. */
export function parseAnswer(text: string): { readonly value: unknown } | undefined {
  const trimmed = text.trim();
  return parseJson(FENCED.exec(trimmed)?.[1] ?? trimmed);
}
