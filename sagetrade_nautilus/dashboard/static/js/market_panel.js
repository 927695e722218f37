// Price and news side by side: which market, how much of it, and the headlines of the time that is shown.
import { get } from "./api.js";
import { h, outward } from "./dom.js";
import { at } from "./format.js";
import { marketChart } from "./market_chart.js";
import { t } from "./texts.js";

const DAY = 86400;
const SPANS = [["all", 0], ["90d", 90 * DAY], ["30d", 30 * DAY], ["7d", 7 * DAY], ["1d", DAY]];

/** The headlines as a list; `light(from, to)` marks those published in between. */
export const newsList = (news, hidden) => {
  const items = news.map(item => ({ t: item.t, node: h("li", {},
    h("small", {}, `${at(item.t)} · `, h("bdi", {}, item.source)), outward(item.url, item.title)) }));
  const place = h("div", { class: "news", tabindex: 0, role: "region", "aria-label": t("news.title") },
    items.length ? h("ul", { dir: "auto" }, items.map(item => item.node)) : h("p", { class: "note" }, t("news.none")),
    hidden > 0 && h("p", { class: "note" }, t("news.hidden", { n: hidden })));
  const light = (from, to) => {
    let first;
    for (const item of items) {
      const near = item.t > from && item.t <= to;
      item.node.classList.toggle("near", near);
      if (near) first = first || item.node;
    }
    if (first) place.scrollTop = first.offsetTop - place.offsetTop - 40;
  };
  return { place, light };
};

/** The panel of a source; it returns its element and how to take the chart away. */
export const marketPanel = (source, instruments) => {
  const chart = h("div", { class: "market-chart" }), beside = h("div", {}), said = h("p", { class: "note", role: "status" });
  let instrument = instruments[0], span = 0, end, known, remove = () => {};
  const select = h("select", { "aria-label": t("market.choose"), onchange: () => { instrument = select.value; end = undefined; draw(); } }, instruments.map(name => h("option", { value: name }, name)));
  const buttons = SPANS.map(([name, seconds]) => h("button", { type: "button", "aria-pressed": String(!seconds), onclick: () => { span = seconds; draw(); } }, t(`span.${name}`)));
  const move = step => { end = Math.min(known.last, Math.max(known.first + span, (end ?? known.last) + step * span * 0.75)); draw(); };
  const draw = async () => {
    buttons.forEach((button, index) => button.setAttribute("aria-pressed", String(SPANS[index][1] === span)));
    earlier.disabled = later.disabled = !span;
    try {
      const start = span ? (end ?? known.last) - span : undefined;
      known = await get("/api/market", { source, instrument, start, end: span ? end ?? known.last : undefined });
    } catch (error) { said.textContent = error.message; return; }
    said.textContent = known.hidden_marks ? t("market.hidden", { n: known.hidden_marks }) : "";
    remove();
    const news = newsList(known.news, known.hidden_news);
    beside.replaceChildren(news.place);
    remove = await marketChart(chart, known, { onLook: news.light });
  };
  const earlier = h("button", { type: "button", onclick: () => move(-1) }, t("span.earlier"));
  const later = h("button", { type: "button", onclick: () => move(1) }, t("span.later"));
  const place = h("div", {},
    h("div", { class: "tools" }, select, h("span", { class: "buttons" }, buttons), h("span", { class: "buttons" }, earlier, later)),
    h("p", { class: "legend" }, h("span", {}, h("i", { class: "key win" }), t("market.won")), h("span", {}, h("i", { class: "key loss" }), t("market.lost")), h("span", {}, h("i", { class: "key hue3" }), t("market.news"))),
    h("div", { class: "split" }, chart, beside), said);
  draw();
  return { place, remove: () => remove() };
};
