import { formatCount } from '../../results/format.ts';
import type { Results } from '../../results/schema.ts';
import { html, type Html } from '../html.ts';
import type { Section } from '../section.ts';

/** What the numbers say, in words that claim no more than their intervals do. */
export function answerSection({ answer, verdicts, numComparisons }: Results): Section | null {
  if (answer.length === 0 && verdicts.length === 0) return null;
  const numFromChance = Math.round(numComparisons / 20);
  const chance =
    numComparisons === 0
      ? 'There is no interval to go by: one seed is one throw of dice.'
      : `The report holds ${formatCount(numComparisons, 'interval')} of a difference. Each covers 95 %: were there no difference anywhere, about ${numFromChance} of them would leave zero out all the same.`;
  return {
    id: 'answer',
    title: 'The answer',
    body: [
      answer.length === 0 ? null : html`<div class="lead">${answer.map((sentence) => html`<p>${sentence}</p>`)}</div>`,
      verdicts.length === 0 ? null : renderVerdicts(verdicts),
      html`<p class="about">${chance}</p>`,
    ],
  };
}

function renderVerdicts(verdicts: Results['verdicts']): Html {
  return html`
    <dl class="verdicts">
      ${verdicts.map(
        ({ question, answer, comparisons }) =>
          html`<div>
            <dt>${question}</dt>
            <dd>${answer} <span class="basis">${formatCount(comparisons.length, 'comparison')}</span></dd>
          </div>`,
      )}
    </dl>
  `;
}
