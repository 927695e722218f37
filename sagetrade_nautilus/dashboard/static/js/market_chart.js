// The price with trades and news on it, by TradingView's Lightweight Charts, which is fetched when it is first needed.
import { h } from "./dom.js";
import { at, moment, monthOf, price } from "./format.js";
import { t } from "./texts.js";

let library;
const MONTHS = 1;  // the kind of a mark at a month's beginning; all others are numbers, which every language writes alike
const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const look = () => ({
  layout: { background: { color: "transparent" }, textColor: colour("--ink-3"), fontSize: 12, attributionLogo: false, fontFamily: getComputedStyle(document.body).fontFamily },
  grid: { vertLines: { visible: false }, horzLines: { color: colour("--grid") } },
  rightPriceScale: { borderVisible: false },
  timeScale: { borderColor: colour("--rule"), timeVisible: true, secondsVisible: false, fixLeftEdge: true, fixRightEdge: true, tickMarkFormatter: (seconds, kind) => (kind === MONTHS ? monthOf(seconds) : null) },
  crosshair: { vertLine: { color: colour("--ink-3"), labelBackgroundColor: colour("--ink-2") }, horzLine: { color: colour("--ink-3"), labelBackgroundColor: colour("--ink-2") } },
  localization: { locale: "en-GB", timeFormatter: at, priceFormatter: value => price(value).replace(/[\u2066\u2069]/g, "") },
  handleScale: { mouseWheel: false },
  handleScroll: { mouseWheel: false, vertTouchDrag: false },
});

/** The time of the candle that `wanted` falls into: the first that closes at or after it. */
const candleOf = (times, wanted) => {
  let low = 0, high = times.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] < wanted) low = middle + 1; else high = middle;
  }
  return times[low];
};

const CROWD = 60;
const tradeMarks = (market, chosen) => market.marks.filter(mark => !chosen || mark.trade === chosen).flatMap(mark => {
  const up = mark.side === "buy", tone = colour(mark.net_pnl > 0 ? "--win" : "--loss"), marks = [], size = chosen ? 1.5 : 0.7;
  const said = key => (chosen ? t(key) : "");
  if (mark.entry_t >= market.start) marks.push({ at: mark.entry_t, position: up ? "belowBar" : "aboveBar", shape: up ? "arrowUp" : "arrowDown", color: tone, size, text: said("trade.entry") });
  if (mark.exit_t <= market.end && market.marks.length <= CROWD) marks.push({ at: mark.exit_t, position: up ? "aboveBar" : "belowBar", shape: "circle", color: tone, size: size * 0.7, text: said("trade.exit") });
  return marks;
});

/** The headlines as a strip of bars at the foot of the chart: the more in a candle, the higher. */
const newsStrip = (chart, market, times) => {
  const counts = new Map();
  for (const news of market.news) {
    const time = candleOf(times, news.t);
    counts.set(time, (counts.get(time) || 0) + 1);
  }
  const strip = chart.addSeries(library.HistogramSeries, { priceScaleId: "news", color: colour("--hue3"), priceLineVisible: false, lastValueVisible: false, base: 0 });
  strip.priceScale().applyOptions({ scaleMargins: { top: 0.93, bottom: 0 } });
  strip.setData([...counts].sort((a, b) => a[0] - b[0]).map(([time, value]) => ({ time, value })));
};

/** Moments without a price between those with one, so that time runs evenly. */
const evenly = (points, start, end) => {
  const step = Math.max(60, Math.round((end - start) / 240)), known = new Set(points.map(point => point.time)), all = [...points];
  for (let time = start; time <= end; time += step) if (!known.has(time)) all.push({ time });
  return all.sort((a, b) => a.time - b.time);
};

const describe = market => {
  const closes = market.candles.close;
  return t("market.label", {
    instrument: market.instrument, from: moment(market.start), to: moment(market.end),
    low: price(Math.min(...(market.candles.low || closes))), high: price(Math.max(...(market.candles.high || closes))),
    trades: market.marks.length, news: market.news.length,
  });
};

/**
 * Draw a `MarketView` into `place` and return how to take it away. `lines` are prices with a title and a tone;
 * `chosen` is the one trade that is shown large; `onLook` hears the times between which the pointer's candle lies.
 */
export const marketChart = async (place, market, { lines = [], chosen, onLook = () => {} } = {}) => {
  library = library || await import("/static/vendor/lightweight-charts.js");
  const box = h("div", { class: "market-plot", dir: "ltr", role: "img", tabindex: 0, "aria-label": describe(market) });
  const tip = h("p", { class: "market-tip", "aria-live": "off" });
  place.replaceChildren(tip, box);
  const chart = library.createChart(box, { autoSize: true, ...look() });
  const candles = market.candles, times = candles.t;
  const series = candles.open
    ? chart.addSeries(library.CandlestickSeries, { upColor: colour("--win"), downColor: colour("--loss"), wickUpColor: colour("--win"), wickDownColor: colour("--loss"), borderVisible: false, priceLineVisible: false, lastValueVisible: false })
    : chart.addSeries(library.LineSeries, { color: colour("--accent"), lineWidth: 2, priceLineVisible: false, lastValueVisible: false });
  series.setData(candles.open
    ? times.map((time, k) => ({ time, open: candles.open[k], high: candles.high[k], low: candles.low[k], close: candles.close[k] }))
    : evenly(times.map((time, k) => ({ time, value: candles.close[k] })), market.start, market.end));
  series.priceScale().applyOptions({ scaleMargins: { top: 0.1, bottom: 0.12 } });
  if (times.length) {
    newsStrip(chart, market, times);
    const marks = tradeMarks(market, chosen).map(({ at, ...mark }) => ({ time: candleOf(times, at), ...mark }));
    library.createSeriesMarkers(series, marks.sort((a, b) => a.time - b.time));
  }
  const levels = lines.map(line => line.price);
  series.applyOptions({ autoscaleInfoProvider: original => {
    const found = original();
    if (found && found.priceRange && levels.length) {
      found.priceRange.minValue = Math.min(found.priceRange.minValue, ...levels);
      found.priceRange.maxValue = Math.max(found.priceRange.maxValue, ...levels);
    }
    return found;
  } });
  for (const line of lines) series.createPriceLine({ price: line.price, title: line.title, color: colour(line.tone), lineWidth: 1, lineStyle: 2, axisLabelVisible: true });
  chart.timeScale().fitContent();

  chart.subscribeCrosshairMove(moved => {
    const k = moved.time === undefined ? -1 : times.indexOf(moved.time);
    tip.textContent = k < 0 ? "" : `${moment(times[k])}  ${t("market.close")} ${price(candles.close[k])}`;
    if (k >= 0) onLook(k ? times[k - 1] : -Infinity, times[k]); else onLook(Infinity, -Infinity);
  });
  box.addEventListener("keydown", event => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key], zoom = { "+": 0.8, "-": 1.25 }[event.key];
    const range = chart.timeScale().getVisibleLogicalRange();
    if (!range || (!step && !zoom)) return;
    event.preventDefault();
    const span = range.to - range.from, middle = (range.to + range.from) / 2;
    chart.timeScale().setVisibleLogicalRange(zoom
      ? { from: middle - zoom * span / 2, to: middle + zoom * span / 2 }
      : { from: range.from + step * span / 10, to: range.to + step * span / 10 });
  });
  const restyle = () => chart.applyOptions(look());
  document.addEventListener("themed", restyle);
  return () => { document.removeEventListener("themed", restyle); chart.remove(); };
};
