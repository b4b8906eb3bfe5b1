import type { ArgsDef } from 'citty';

export interface CommandHelp {
  /** As typed, such as `pnpm bench doctor`. */
  readonly name: string;
  readonly description: string;
  readonly args: ArgsDef;
  /** Commands below it, with what they do. */
  readonly commands?: Readonly<Record<string, string>>;
}

const indent = 6;
const defaultWidth = 100;

/** `--help`: usage, then every option with what it takes and does, wrapped to the width. */
export function renderHelp({ name, description, args, commands = {} }: CommandHelp, width = defaultWidth): string {
  const withHelp: ArgsDef = { ...args, help: { type: 'boolean', description: 'show this' } };
  const options = Object.entries(withHelp).map(
    ([option, { type, valueHint, description: about = '', default: value }]) => {
      const takes = type === 'boolean' ? '' : ` <${valueHint ?? type}>`;
      const preset = value === undefined ? '' : ` (default: ${String(value)})`;
      return renderEntry(`--${option}${takes}`, `${about}${preset}`, width);
    },
  );
  const below = Object.entries(commands).map(([command, about]) => renderEntry(`${name} ${command}`, about, width));
  return [
    wrap(description, width, 0),
    `\nUsage: ${name} [options]`,
    ...(below.length === 0 ? [] : ['\nOther commands:', ...below]),
    '\nOptions:',
    ...options,
  ].join('\n');
}

function renderEntry(term: string, description: string, width: number): string {
  return `  ${term}\n${wrap(description, width, indent)}`;
}

/** Breaks text at spaces so that no line is longer than the width, unless a word is. */
function wrap(text: string, width: number, left: number): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && left + line.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines.map((line) => ' '.repeat(left) + line).join('\n');
}
