/** What the library's normalisers have that is looked at here; it publishes no types of them. */
interface Normalizer {
  /** Of a sequence. */
  readonly normalizers?: readonly Normalizer[];
  readonly config?: { readonly type?: string };
  normalize?: (text: string) => string;
  stripAccents?: (text: string) => string;
  _tokenize_chinese_chars?: (text: string) => string;
}

/** CJK ideographs, each of which BERT takes for a word: the blocks of its own tokenizer. */
const ideographs =
  /[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b820}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]/gu;

/**
 * Makes the library's normalisers treat text as `tokenizers` does, which trained the vocabularies: accents are all
 * non-spacing marks of Unicode, not those of one block, without which every word of Hindi or Thai is another; and
 * ideographs are characters, also where they take two code units.
 *
 * @param normalizer of one tokenizer, changed in place; null where it has none.
 */
export function repairNormalizer(normalizer: unknown): void {
  const own = normalizer as Normalizer | null;
  if (own === null) return;
  own.normalizers?.forEach(repairNormalizer);
  const kind = own.config?.type;
  if (kind === 'BertNormalizer') {
    own.stripAccents = (text) => text.normalize('NFD').replaceAll(/\p{Mn}/gu, '');
    own._tokenize_chinese_chars = (text) => text.replaceAll(ideographs, ' $& ');
  } else if (kind === 'StripAccents') {
    own.normalize = (text) => text.replaceAll(/\p{M}/gu, '');
  }
}
