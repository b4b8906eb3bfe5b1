export interface BarLine {
  /** What it is of, such as `pre-training`. */
  readonly label: string;
  /** From 0 to 1. */
  readonly share: number;
  readonly text: string;
}

/** Labels stand in a column of their own, so that bars below each other begin alike. */
const labelWidth = 18;

const widestBar = 24;

/** Narrower ones say nothing. */
const narrowestBar = 4;

/** A label, a bar and a text in one line of at most `columns` characters: the bar gives way first, then the text. */
export function drawBar({ label, share, text }: BarLine, columns: number): string {
  const heading = `  ${label.padEnd(labelWidth)}`;
  const room = columns - heading.length - text.length - 2;
  const width = Math.min(widestBar, room);
  if (width < narrowestBar) return fitLine(`${heading}${text}`, columns);
  const numFull = Math.round(width * Math.min(1, Math.max(0, Number.isFinite(share) ? share : 0)));
  return fitLine(`${heading}${'█'.repeat(numFull)}${'░'.repeat(width - numFull)} ${text}`, columns);
}

/** A line cut to `columns` characters, the last of which says that there was more. */
export function fitLine(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1))}…`;
}
