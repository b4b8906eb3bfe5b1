import { html, type Html } from './html.ts';

/** A part of the page that its table of contents names. */
export interface Section {
  readonly id: string;
  readonly title: string;
  /** What is shown, and how to read it. */
  readonly about?: string | Html;
  readonly body: Html | readonly (Html | null)[];
}

export function renderSection({ id, title, about, body }: Section): Html {
  return html`
    <section id="${id}" aria-labelledby="${id}-heading">
      <h2 id="${id}-heading">${title}</h2>
      ${about === undefined ? null : html`<p class="about">${about}</p>`} ${body}
    </section>
  `;
}

/** Links to the sections. */
export function renderContents(sections: readonly Section[]): Html {
  return html`
    <nav class="contents" aria-label="Contents">
      <ol>
        ${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}
      </ol>
    </nav>
  `;
}
