import type { OptionDefinitions } from './option-definition.ts';

export interface CommandHelp {
  /** As typed, such as `pnpm bench doctor`. */
  readonly name: string;
  readonly description: string;
  readonly args: OptionDefinitions;
  /** What it takes besides options, one or more of them. */
  readonly words?: string;
  /** Commands below it, with what they do. */
  readonly commands?: Readonly<Record<string, string>>;
}

const indent = 6;
const defaultWidth = 100;

/** `--help`: usage, then every option with what it takes and does, wrapped to the width. */
export function renderHelp(
  { name, description, args, words, commands = {} }: CommandHelp,
  width = defaultWidth,
): string {
  const withHelp: OptionDefinitions = { ...args, help: { type: 'boolean', description: 'show this' } };
  const options = Object.entries(withHelp).map(
    ([option, { type, valueHint, description: about, default: value, isRepeatable = false }]) => {
      const takes = type === 'boolean' ? '' : ` <${valueHint ?? type}>${isRepeatable ? '…' : ''}`;
      const preset = value === undefined ? '' : ` (default: ${value})`;
      return renderEntry(`--${option}${takes}`, `${about}${preset}`, width);
    },
  );
  const below = Object.entries(commands).map(([command, about]) => renderEntry(`${name} ${command}`, about, width));
  return [
    wrap(description, width, 0),
    `\nUsage: ${name}${words === undefined ? '' : ` <${words}>…`} [options]`,
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
