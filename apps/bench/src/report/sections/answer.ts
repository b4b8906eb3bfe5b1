import { formatCount } from '../../results/format.ts';
import type { Results } from '../../results/schema.ts';
import { explainNoInterval } from '../../results/statistics.ts';
import { groupVerdicts, type VerdictGroup } from '../../results/verdicts.ts';
import { html, type Html } from '../html.ts';
import type { Section } from '../section.ts';

/** What the numbers say, in words that claim no more than their intervals do. */
export function answerSection(results: Results): Section | null {
  const { answer, verdicts, comparisons, numComparisons } = results;
  if (answer.length === 0 && verdicts.length === 0) return null;
  const numFromChance = Math.round(numComparisons / 20);
  const chance =
    numComparisons === 0
      ? `There is no interval to go by: ${explainNoInterval(comparisons)}.`
      : `The report holds ${formatCount(numComparisons, 'interval')} of a difference. Each covers 95 %: were there no difference anywhere, about ${numFromChance} of them would leave zero out all the same.`;
  return {
    id: 'answer',
    title: 'The answer',
    body: [
      answer.length === 0 ? null : html`<div class="lead">${answer.map((sentence) => html`<p>${sentence}</p>`)}</div>`,
      ...groupVerdicts(results).map(renderVerdicts),
      html`<p class="about">${chance}</p>`,
    ],
  };
}

function renderVerdicts({ title, verdicts }: VerdictGroup): Html {
  return html`
    <h3>${title}</h3>
    <dl class="verdicts">
      ${verdicts.map(
        ({ question, answer }) =>
          html`<div>
            <dt>${question}</dt>
            <dd>${answer}</dd>
          </div>`,
      )}
    </dl>
  `;
}
