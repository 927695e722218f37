// Lines over time, drawn from the geometry that the report's own code makes; the pointer or the arrow keys read them.
import { h, svg } from "./dom.js";
import { moment, number, tick } from "./format.js";
import { t } from "./texts.js";

const nearest = (values, wanted) => {
  let low = 0, high = values.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] < wanted) low = middle + 1; else high = middle;
  }
  return low > 0 && wanted - values[low - 1] < values[low] - wanted ? low - 1 : low;
};

const axis = chart => [
  ...chart.y.map(mark => svg("line", { class: "grid", x1: 0, x2: "100%", y1: `${mark.at}%`, y2: `${mark.at}%` })),
  ...chart.y.map(mark => svg("text", { class: "tick", x: "100%", dx: 8, y: `${mark.at}%`, dy: ".32em" }, mark.label)),
  ...chart.x.map(mark => svg("text", { class: `tick${mark.at >= 4 ? " mid" : ""}${mark.minor ? " minor" : ""}`, x: `${mark.at}%`, y: "100%", dy: 20 }, tick(mark.label))),
];

/** Draw a `TimeChart`, or say that it is of one moment alone. Its own unit, or `unit`, follows every value; `named` turns a series' name into words. */
export const lineChart = (chart, { label, size = "tall", unit = chart.unit, named = t, legend = true }) => {
  const known = JSON.parse(chart.data);
  if (known.t[0] === known.t[known.t.length - 1]) return h("p", { class: "note" }, t("chart.one_moment"));
  const inner = svg("svg", { viewBox: "0 0 1000 1000", preserveAspectRatio: "none", width: "100%", height: "100%" },
    chart.area && svg("path", { class: `area ${chart.lines[0].tone}`, d: chart.area }),
    chart.lines.map(line => svg("path", { class: `line ${line.tone}`, d: line.path })));
  const hover = svg("g", {});
  const drawn = svg("svg", { class: "outer", "aria-hidden": "true" }, axis(chart),
    chart.zero !== null && svg("line", { class: "base", x1: 0, x2: "100%", y1: `${chart.zero}%`, y2: `${chart.zero}%` }), inner, hover);
  const tip = h("div", { class: "tip", hidden: true });
  const plot = h("div", { class: "plot", dir: "ltr", tabindex: 0, role: "img", "aria-label": `${label}. ${t("chart.keys")}` }, drawn, tip);
  const spoken = h("p", { class: "sr", "aria-live": "polite" });
  let at = known.t.length - 1;

  const words = (series, index) => `${number(series.v[index], known.digits, unit === "%")}${unit === "%" ? "%" : unit && ` ${unit}`}`;
  const show = (index, speak) => {
    at = Math.max(0, Math.min(known.t.length - 1, index));
    const first = known.t[0], last = known.t[known.t.length - 1], share = (known.t[at] - first) / Math.max(1, last - first);
    hover.replaceChildren(
      svg("line", { class: "cross", x1: `${100 * share}%`, x2: `${100 * share}%`, y1: 0, y2: "100%" }),
      ...known.series.map(series => svg("circle", { class: "pick", r: 3.5, cx: `${100 * share}%`, cy: `${100 * (known.high - series.v[at]) / (known.high - known.low)}%` })));
    tip.replaceChildren(h("b", {}, moment(known.t[at])), ...known.series.map(series =>
      h("div", {}, h("span", {}, h("i", { class: `key ${series.tone}` }), named(series.name)), h("span", {}, words(series, at)))));
    tip.dir = document.documentElement.dir;
    tip.hidden = false;
    const left = share * plot.clientWidth;
    tip.style.left = `${left + 14 + tip.offsetWidth > plot.clientWidth ? Math.max(0, left - tip.offsetWidth - 14) : left + 14}px`;
    if (speak) spoken.textContent = `${moment(known.t[at])}: ${known.series.map(series => `${named(series.name)} ${words(series, at)}`).join(", ")}`;
  };
  const hide = () => { tip.hidden = true; hover.replaceChildren(); };
  plot.addEventListener("pointermove", event => {
    const box = plot.getBoundingClientRect(), share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    show(nearest(known.t, known.t[0] + share * (known.t[known.t.length - 1] - known.t[0])));
  });
  plot.addEventListener("pointerleave", hide);
  plot.addEventListener("blur", hide);
  plot.addEventListener("keydown", event => {
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -20, PageDown: 20, Home: -1e9, End: 1e9 }[event.key];
    if (!step) return;
    event.preventDefault();
    show(at + step, true);
  });
  const keys = legend && h("figcaption", { class: "legend" }, [...chart.lines].reverse().map(line => h("span", {}, h("i", { class: `key ${line.tone}` }), named(line.name))));
  return h("figure", { class: `chart ${size}` }, keys, plot, spoken);
};
