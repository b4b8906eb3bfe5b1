/** GPT-2's printable character for each byte: itself where it is printable, else the next one from U+0100 on. */
export function byteAlphabet(): string[] {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPrintableByte(byte) ? byte : next++));
}

function isPrintableByte(byte: number): boolean {
  return (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
}

/** The text that a piece of a byte-level vocabulary stands for, U+FFFD where it holds a part of a character. */
export function byteLevelText(piece: string): string {
  const bytes = Uint8Array.from(piece, (character) => byteOf.get(character) ?? 0);
  return decoder.decode(bytes);
}

const byteOf = new Map(byteAlphabet().map((character, byte) => [character, byte]));
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
