"""What every page must keep to, asked of a real browser: nothing cut, every text legible, every control named."""

from tests.support.chromium import Page

DESKTOP, PHONE = (1280, 900), (400, 860)
NAMELESS = """
[...document.querySelectorAll('button, a, input, select, [role=img], [role=meter], [tabindex="0"]')]
  .filter(e => e.offsetWidth)
  .filter(e => !(e.getAttribute('aria-label') || e.textContent.trim() || (e.labels && e.labels.length)))
  .map(e => e.outerHTML.slice(0, 120))
"""
FAINT = """
(() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgb = text => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = text;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const part = v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  const behind = e => {
    for (; e; e = e.parentElement) {
      const c = rgb(getComputedStyle(e).backgroundColor);
      if (c[3] > 200) return c;
    }
    return [255, 255, 255, 255];
  };
  const left_out = '.sr, canvas, [disabled], [aria-disabled=true], .market-plot', faint = [];
  for (const e of document.querySelectorAll('body *')) {
    const said = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    if (!e.getBoundingClientRect().width || e.closest(left_out) || !said) continue;
    const style = getComputedStyle(e), a = light(rgb(e instanceof SVGElement ? style.fill : style.color));
    const b = light(behind(e)), ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(style.fontSize), needed = size >= 24 || (size >= 18.6 && style.fontWeight >= 600) ? 3 : 4.5;
    if (ratio < needed) faint.push(`${ratio.toFixed(2)} ${e.tagName} ${e.textContent.trim().slice(0, 40)}`);
  }
  return faint;
})()
"""
CUT = """
(() => {
  const cut = [], width = document.documentElement.clientWidth, scrolls = '.scroll, pre, nav, .news, .market-plot';
  const said = e => `${e.tagName} ${e.getAttribute('class')} ${e.textContent.trim().slice(0, 60)}`;
  const page = document.documentElement.scrollWidth;
  if (page > width) cut.push(`the page is ${page} wide`);
  for (const e of document.querySelectorAll('body *')) {
    const box = e.getBoundingClientRect();
    if (!box.width || e.closest('.sr, .skip, [hidden]')) continue;
    if (!e.closest(scrolls) && (box.right > width + 1 || box.left < -1)) cut.push(`outside: ${said(e)}`);
    const style = getComputedStyle(e), hides = style.overflowX === 'hidden' || style.overflowX === 'clip';
    if (hides && e.scrollWidth > e.clientWidth + 1 && !e.closest('.market-plot')) cut.push(`hidden: ${said(e)}`);
  }
  for (const e of document.querySelectorAll('th, td')) {
    if (e.offsetWidth && e.scrollWidth > e.clientWidth + 1) cut.push(`over its cell: ${said(e)}`);
  }
  return cut;
})()
"""
"""Elements beyond the screen, or cut where they cannot be scrolled into sight; a cell whose text runs into the next."""
TABLES = """
([...document.querySelectorAll('.scroll')].filter(e => e.checkVisibility()).map(e => ({
  name: e.getAttribute('aria-label'), wider: e.scrollWidth > e.clientWidth,
  hinted: e.previousElementSibling.matches('.hint') && e.previousElementSibling.offsetHeight > 0,
  reachable: e.tabIndex === 0 && getComputedStyle(e).overflowX === 'auto',
})))
"""
CROOKED = """
[...document.querySelectorAll('td')].filter(e => e.offsetWidth)
  .filter(e => /^[+\\u2212]?[\\d,]+(\\.\\d+)?(%|\\u00d7)?$/.test(e.innerText.trim()))
  .filter(e => {
    const style = getComputedStyle(e);
    return style.textAlign !== 'right' || style.fontVariantNumeric !== 'tabular-nums';
  }).map(e => e.innerText)
"""
"""Numbers in tables that do not stand right in figures of one width."""


def hold_sound(page: Page, case: str, *, whole: bool) -> None:
    """Hold the page that is open to what every page must keep to; with `whole`, no table may need to be scrolled."""
    page.js("document.querySelectorAll('main details').forEach(one => { one.open = true; })")
    page.until(f"{TABLES}.every(one => one.hinted === one.wider)")
    assert page.js(CUT) == [], case
    assert page.js(NAMELESS) == [], case
    assert page.js(FAINT) == [], case
    assert page.js(CROOKED) == [], case
    assert page.js("document.querySelectorAll('h1').length") == 1, case
    for table in page.js(TABLES):
        assert table["reachable"], (case, table)
        assert not (whole and table["wider"]), (case, table)
