import { parse, View, type Spec } from 'vega';
import { expressionInterpreter } from 'vega-interpreter';
import { Handler } from 'vega-tooltip';

/** How far below the window a plot is when it is drawn. */
const drawAhead = '600px';

/**
 * Replaces each still drawing, shortly before it is scrolled to, by one that is as wide as its column and shows values
 * under the pointer. Without scripts, and on paper, the still ones do.
 */
export function drawPlots(): void {
  const tooltip = new Handler({ id: 'plot-tooltip', theme: 'report', disableDefaultStyle: true });
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        observer.unobserve(target);
        void drawPlot(target, tooltip);
      }
    },
    { rootMargin: drawAhead },
  );
  for (const plot of document.querySelectorAll('.plot')) observer.observe(plot);
}

async function drawPlot(plot: Element, tooltip: Handler): Promise<void> {
  const specification = plot.querySelector('script')?.textContent;
  const container = plot.querySelector<HTMLElement>('.drawing');
  if (specification === undefined || container === null) return;
  const description = container.getAttribute('aria-label') ?? '';
  // The page's security policy forbids to make functions from text: expressions are interpreted.
  const runtime = parse(JSON.parse(specification) as Spec, {}, { ast: true });
  const drawing = new View(runtime, { renderer: 'svg', container, expr: expressionInterpreter, tooltip: tooltip.call });
  await drawing.runAsync();
  // The container's description stands for the drawing, as it does for the still one.
  container.setAttribute('role', 'img');
  container.setAttribute('aria-label', description);
  container.querySelector('svg')?.setAttribute('aria-hidden', 'true');
  plot.setAttribute('data-drawn', '');
}
