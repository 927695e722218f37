// Pieces of a page: figures, tables, gauges, and what a score is made of.
import { h } from "./dom.js";
import { box, shown } from "./figures.js";
import { MISSING, duration, money, number, percent } from "./format.js";
import { t, word } from "./texts.js";

/** `items` are [label, value, tone, small print]. */
export const kpis = items => h("dl", { class: "kpis" }, items.map(([label, value, tone = "", small = ""]) =>
  h("div", {}, h("dt", {}, label), h("dd", { class: tone }, value), small && h("dd", { class: "small" }, small))));

/** `columns` are [heading, cell of a row, is it a number]; the first cell heads its row. */
export const table = (caption, columns, rows, { empty } = {}) => {
  if (!rows.length) return h("p", { class: "note" }, empty || t("table.empty"));
  const hint = h("p", { class: "hint", hidden: true }, t("table.more"));
  const scroll = h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
    h("table", {}, h("caption", { class: "sr" }, caption),
      h("thead", {}, h("tr", {}, columns.map(([heading, , isNumber]) => h("th", { scope: "col", class: isNumber && "n" }, heading)))),
      h("tbody", {}, rows.map(row => h("tr", {}, columns.map(([, cell, isNumber], index) =>
        h(index ? "td" : "th", { scope: !index && "row", class: isNumber && "n" }, cell(row))))))));
  hints.observe(scroll);
  return h("div", { class: "table" }, hint, scroll);
};
const hints = new ResizeObserver(boxes => {
  for (const { target } of boxes) if (target.previousElementSibling) target.previousElementSibling.hidden = target.scrollWidth <= target.clientWidth;
});

export const toned = (value, shown) => h("span", { class: value > 0 ? "win" : value < 0 ? "loss" : "" }, shown);
export const state = name => h("span", { class: `pill ${name}` }, word("state", name));
/** In the place of a state: who is not heard may be in any. */
export const gone = vital => h("span", { class: "pill unreadable" }, word("vital", vital));
export const notice = (title, ...rest) => h("div", { class: "notice" }, h("p", {}, h("strong", {}, title)), rest);
export const command = text => h("code", { class: "command", dir: "ltr" }, text);
export const section = (id, title, ...rest) => h("section", { "aria-labelledby": `${id}-title`, id }, h("h2", { id: `${id}-title` }, title), rest);
/** A name that may break after its marks, so that a narrow column shows it whole. */
export const names = text => h("bdi", { class: "name" }, String(text).split(/(?<=[_./:=-])/).flatMap((part, index) => (index ? [h("wbr"), part] : part)));

/** A unit beside a heading. */
export const unit = text => h("span", { class: "unit", dir: "ltr" }, text);

/** An amount as the large figure of a box, its currency small beside it. */
export const large = (value, currency, signed = false) => (typeof value === "number"
  ? [money(value, "", signed), " ", unit(currency)] : MISSING);

const LEVELS = [[0.9, "near"], [0.7, "warm"]];
export const gauges = found => h("ul", { class: "gauges" }, found.map(gauge => {
  const used = gauge.used === null ? null : Math.max(0, gauge.used);
  const level = used === null ? "unknown" : (LEVELS.find(([from]) => used >= from) || [0, "calm"])[1];
  const digits = [gauge.value, gauge.threshold].every(Number.isInteger) || Math.abs(gauge.threshold) >= 100 ? 0 : 2;
  const shown = gauge.value === null ? t("gauge.unknown") : t("gauge.of", { value: number(gauge.value, digits), threshold: number(gauge.threshold, digits) });
  const name = word("limit", gauge.limit);
  return h("li", { class: level }, h("span", { class: "gauge-name" }, name), h("span", { class: "gauge-value" }, shown),
    h("div", { class: "gauge", role: "meter", "aria-label": name, "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": used === null ? 100 : Math.round(100 * Math.min(1, used)), "aria-valuetext": shown },
      h("i", { share: used === null ? 1 : Math.min(1, used) })));
}));

/** What a score is made of: each part's share as a bar from the middle. `extra` adds to a part's line. */
export const components = (parts, extra = () => []) => {
  if (!parts.length) return h("p", { class: "note" }, t("signal.no_parts"));
  const largest = Math.max(...parts.map(part => Math.abs(part.contribution)), 1e-9);
  return h("ul", { class: "parts" }, parts.map(part => h("li", {},
    h("span", { class: "part-name" }, partName(part)),
    h("span", { class: "part-sum", dir: "ltr" }, `${number(part.score, 2, true)} × ${percent(100 * part.weight, 0)} = ${number(part.contribution, 3, true)}`.replace(/[\u2066\u2069]/g, "")),
    h("div", { class: `part-bar ${part.contribution < 0 ? "loss" : "win"}`, dir: "ltr", "aria-hidden": "true" }, h("i", { share: Math.abs(part.contribution) / largest })),
    extra(part))));
};
const partName = part => (part.kind === "text"
  ? [t("signal.text"), " ", names(part.name.replace(/^text:/, ""))]
  : names(word("part", part.name)));

export const score = value => h("strong", { class: `score ${value > 0 ? "win" : value < 0 ? "loss" : ""}` }, number(value, 2, true));
/** The boxes that a run and a node share. */
export const performanceKpis = total => [
  box("sharpe", total, "", "", total.sharpe === null ? t("figure.too_few_days") : t("figure.sortino", { value: shown("sortino_name", total) })),
  box("won", total, "", "", t("figure.of_trades", { n: number(total.trades, 0) })),
  box("held", total, "", "", t("figure.median", { value: duration(total.median_duration_s) })),
  box("slippage", total, "", "", t("figure.slippage_small")),
];
