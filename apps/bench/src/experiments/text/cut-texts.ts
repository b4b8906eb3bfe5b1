import type { TextSplit, TextTokenizer } from '@qb-heat/text';

/** How many tokens of a text fit into an encoder's row, beside those that enclose it. */
function roomForText(length: number, { special }: TextTokenizer): number {
  return length - [special.start, special.end].filter((id) => id !== undefined).length;
}

/** As much of each text as an encoder of rows of `length` tokens is given. */
export function cutTexts({ texts, labels }: TextSplit, tokenizer: TextTokenizer, length: number): TextSplit {
  const room = roomForText(length, tokenizer);
  return { labels, texts: texts.map((text) => tokenizer.decode(tokenizer.encode(text).slice(0, room))) };
}

/** What of some texts encoders of rows of `length` tokens never see, in words; none where they see all. */
export function describeCut(texts: readonly string[], tokenizer: TextTokenizer, length: number): string[] {
  const room = roomForText(length, tokenizer);
  const counts = texts.map((text) => tokenizer.encode(text).length);
  const numCut = counts.filter((count) => count > room).length;
  if (numCut === 0) return [];
  const total = counts.reduce((sum, count) => sum + count, 0);
  const seen = counts.reduce((sum, count) => sum + Math.min(count, room), 0);
  return [
    `encoders see the first ${room} tokens of a text: ${percent(numCut / texts.length)} of the texts are cut, ` +
      `${percent(seen / total)} of all tokens are seen`,
  ];
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
