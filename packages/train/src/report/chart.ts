import type { TopLevelSpec } from 'vega-lite'

/**
 * Renders a Vega-Lite chart to SVG, without a browser.
 *
 * @param spec - A Vega-Lite 6 specification with its data inline.
 * @returns One `svg` element, to be put into a page as it is.
 */
export async function renderChart(spec: TopLevelSpec): Promise<string> {
  // Half a second of loading, which only reports should pay.
  const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')])
  const view = new vega.View(vega.parse(vegaLite.compile(spec).spec), { renderer: 'none' })
  try {
    return await view.toSVG()
  } finally {
    view.finalize()
  }
}
