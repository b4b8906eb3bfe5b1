import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type axe from 'axe-core';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { renderReport } from '../../src/report/page.ts';
import { makeFullResults, readFullPicture } from '../fixtures/full-results.ts';
import { findChromium } from './chromium.ts';

const executablePath = findChromium();
if (executablePath === undefined) {
  console.warn('report in a browser: skipped, no Chromium on the path and none named by QB_HEAT_CHROMIUM');
}

describe.skipIf(executablePath === undefined)('the report in a browser', () => {
  let folder: string;
  let browser: Browser;
  let page: Page;
  /** What the page complained about, and what it asked the network for. */
  let complaints: string[];
  let requests: string[];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'qb-heat-report-'));
    await writeFile(path.join(folder, 'report.html'), await renderReport(makeFullResults(), readFullPicture));
    // A container's root has no sandbox to run in.
    const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    browser = await chromium.launch({ args, ...(executablePath !== undefined && { executablePath }) });
  });
  afterEach(() => page.context().close());
  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true });
  });

  async function open(options: BrowserContextOptions = {}): Promise<void> {
    const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
    page = await context.newPage();
    [complaints, requests] = [[], []];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(pathToFileURL(path.join(folder, 'report.html')).href);
  }

  /** Opens what is folded, and brings every plot into view, which is when it is drawn. */
  async function drawAll(): Promise<void> {
    await page.evaluate(async () => {
      for (const fold of document.querySelectorAll('details')) fold.open = true;
      for (const plot of document.querySelectorAll('.plot')) {
        plot.scrollIntoView();
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
    });
    await page.waitForFunction(() => document.querySelector('.plot:not([data-drawn])') === null);
  }

  it('draws every plot anew, without a complaint, a request or anything wider than the page', async () => {
    await open({ viewport: { width: 1280, height: 900 } });
    await drawAll();
    const plots = await page.$$eval('.plot', (figures) =>
      figures.map((figure) => ({
        name: figure.getAttribute('data-plot'),
        numDrawings: figure.querySelectorAll('.drawing svg').length,
        numMarks: figure.querySelectorAll('.drawing .role-mark path, .drawing .role-mark line').length,
        isInside:
          (figure.querySelector('.drawing svg')?.clientWidth ?? 0) <=
          (figure.querySelector('.drawing')?.clientWidth ?? 0),
      })),
    );
    expect(plots.length).toBeGreaterThan(60);
    expect(new Set(plots.map(({ name }) => name)).size).toBe(plots.length);
    expect(plots.filter(({ numDrawings, numMarks }) => numDrawings !== 1 || numMarks === 0)).toEqual([]);
    expect(plots.filter(({ isInside }) => !isInside)).toEqual([]);
    expect(await widthBeyondPage()).toBe(0);
    expect(complaints).toEqual([]);
    expect(requests.filter((url) => !url.startsWith('data:'))).toEqual([page.url()]);
  });

  it('overflows at no width of a phone', async () => {
    await open({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
    await drawAll();
    expect(await widthBeyondPage()).toBe(0);
    const smallest = await page.$$eval('.drawing text', (texts) =>
      Math.min(...texts.map((text) => text.getBoundingClientRect().height)),
    );
    expect(smallest).toBeGreaterThan(9);
    expect(complaints).toEqual([]);
  });

  function widthBeyondPage(): Promise<number> {
    return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  }

  it('says the values at the pointer', async () => {
    await open({ viewport: { width: 1280, height: 900 } });
    const loss = page.locator('.plot[data-plot="loss-vision-cifar-10-vit-atto-block"]');
    await loss.scrollIntoViewIfNeeded();
    await page.waitForSelector('.plot[data-plot="loss-vision-cifar-10-vit-atto-block"][data-drawn]');
    await loss.locator('.drawing').hover();
    const tooltip = page.locator('#plot-tooltip.visible');
    await tooltip.waitFor();
    expect(await tooltip.innerText()).toMatch(/step\s+[\d,]+[\s\S]*linear\s+0\.\d{4} \(0\.\d{4} to 0\.\d{4}\)/);
    await page.mouse.move(2, 2);
    await tooltip.waitFor({ state: 'detached' });
  });

  it('sorts tables by pointer and by keyboard, and says so', async () => {
    await open();
    const table = page.locator('#results table').first();
    const methods = () => table.locator('tbody th').allInnerTexts();
    const values = () =>
      table
        .locator('tbody tr td:nth-child(3)')
        .evaluateAll((cells) => cells.map((cell) => cell.getAttribute('data-value')));
    const before = await methods();
    const heading = table.getByRole('button', { name: 'kNN' });
    await heading.click();
    const numbers = (await values()).map(Number);
    expect(numbers).toEqual(numbers.toSorted((a, b) => b - a));
    expect(await table.locator('[aria-sort]').allInnerTexts()).toEqual(['kNN']);
    expect(await table.locator('[aria-sort="descending"]').count()).toBe(1);
    await heading.press('Enter');
    expect((await values()).map(Number)).toEqual(numbers.toReversed());
    expect(await table.locator('[aria-sort="ascending"]').count()).toBe(1);
    await table.getByRole('button', { name: 'held-out loss' }).press('Space');
    expect((await table.locator('tbody tr td:nth-child(2)').allInnerTexts()).slice(-3)).toEqual(['–', '–', '–']);
    await table.getByRole('button', { name: 'method' }).click();
    expect(await methods()).toEqual(before.toSorted((a, b) => a.localeCompare(b, 'en')));
  });

  it('follows the system into the dark, plots and tooltip included', async () => {
    const colors = () =>
      page.evaluate(() => {
        const text = document.querySelector('.drawing text');
        return [getComputedStyle(document.body).backgroundColor, text === null ? '' : getComputedStyle(text).fill];
      });
    await open({ colorScheme: 'light' });
    const light = await colors();
    await page.emulateMedia({ colorScheme: 'dark' });
    const dark = await colors();
    expect(light[0]).toBe('rgb(255, 255, 255)');
    expect(dark[0]).not.toBe(light[0]);
    expect(dark[1]).not.toBe(light[1]);
  });

  it('prints on white, with what is folded and without what only a screen needs', async () => {
    await open({ colorScheme: 'dark', viewport: { width: 718, height: 1000 } });
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    const printed = await page.evaluate(() => {
      const folded = document.querySelector('details:not([open]) table, details:not([open]) pre');
      return {
        text: getComputedStyle(document.body).color,
        contents: getComputedStyle(document.querySelector('.contents') ?? document.body).display,
        foldedHeight: folded?.getBoundingClientRect().height ?? 0,
      };
    });
    expect(printed).toMatchObject({ text: 'rgb(26, 31, 38)', contents: 'none' });
    expect(printed.foldedHeight).toBeGreaterThan(20);
    expect(await widthBeyondPage()).toBe(0);
    const pdf = await page.pdf({ format: 'A4' });
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
  });

  it('is read without scripts too', async () => {
    await open({ javaScriptEnabled: false });
    expect(await page.locator('.plot .drawing svg').first().isVisible()).toBe(true);
    expect(await page.locator('#results table th').first().innerText()).toBe('method');
  });

  it('leads the keyboard past the contents first', async () => {
    await open();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
  });

  it('has nothing that axe finds fault with, contrast in light and dark included', async () => {
    await open({ colorScheme: 'light', viewport: { width: 1280, height: 900 } });
    await page.addScriptTag({ path: createRequire(import.meta.url).resolve('axe-core') });
    // Readers are told of a drawing by its description alone; its tens of thousands of marks would take axe a minute.
    await page.$$eval('.drawing svg', (drawings) => drawings.forEach((drawing) => drawing.replaceChildren()));
    expect(await findFaults()).toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await findFaults(['color-contrast'])).toEqual([]);
  });

  /** What axe finds wrong with the page, by these rules alone where some are given. */
  function findFaults(rules: string[] = []): Promise<string[]> {
    return page.evaluate(async (runOnly) => {
      const { axe: checker } = globalThis as unknown as { axe: typeof axe };
      const parts = ['header', 'nav', '#answer', '#results', '#loss', '#operators', '#provenance'];
      const context = { include: runOnly.length === 0 ? ['body'] : parts };
      const { violations } = await checker.run(context, runOnly.length === 0 ? {} : { runOnly });
      return violations.map(({ id, nodes }) => `${id}: ${nodes.length}, ${nodes[0]?.html.slice(0, 160)}`);
    }, rules);
  }
});
