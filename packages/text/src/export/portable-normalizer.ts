/** A normalizer of a `tokenizer.json`, as much of it as is looked at here. */
interface NormalizerJson {
  readonly type?: string;
  readonly normalizers?: readonly NormalizerJson[];
  readonly lowercase?: boolean;
  readonly strip_accents?: boolean | null;
}

/**
 * The same normalizer in words that every library takes alike. `@xenova/transformers` takes accents for those of Latin
 * script, and would give every word of Hindi or Thai another id than the vocabulary was made with; see `repairNormalizer`,
 * which mends it in this package. What it leaves is taken out behind it, which changes nothing elsewhere.
 *
 * Ideographs beyond U+FFFF remain words of their own in `tokenizers` and here alone.
 *
 * @param normalizer as it stands in `tokenizer.json`; null where there is none.
 */
export function portableNormalizer(normalizer: unknown): unknown {
  const own = normalizer as NormalizerJson | null | undefined;
  if (own === null || own === undefined) return null;
  switch (own.type) {
    case 'Sequence':
      return { ...own, normalizers: own.normalizers?.map(portableNormalizer) };
    case 'StripAccents':
      return sequence(own, dropMarks('M'));
    case 'BertNormalizer':
      // Left open, it goes with the case.
      return (own.strip_accents ?? own.lowercase) ? sequence(own, dropMarks('Mn')) : own;
    default:
      return own;
  }
}

function sequence(...normalizers: readonly object[]): object {
  return { type: 'Sequence', normalizers };
}

/** Takes marks out of text by their Unicode class. */
function dropMarks(unicodeClass: 'M' | 'Mn'): object {
  return { type: 'Replace', pattern: { Regex: `\\p{${unicodeClass}}` }, content: '' };
}
