import { describe, expect, it } from 'vitest';
import { html } from '../../src/report/html.ts';

describe('html', () => {
  it('escapes strings, in text and in attributes', () => {
    const value = `<b>"Tom" & 'Ann'</b>`;
    const escaped = '&#60;b&#62;&#34;Tom&#34; &#38; &#39;Ann&#39;&#60;/b&#62;';
    expect(html`<p title="${value}">${value}</p>`.markup).toBe(`<p title="${escaped}">${escaped}</p>`);
  });

  it('puts pieces and lists of pieces in as they are, and nothing for null', () => {
    const items = [1, 2].map((item) => html`<i>${item}</i>`);
    expect(html`<b>${items}${null}</b>`.markup).toBe('<b><i>1</i><i>2</i></b>');
  });

  it('keeps an empty string and a zero', () => {
    expect(html`[${''}${0}]`.markup).toBe('[0]');
  });
});
