// Pieces of a page: figures, tables, gauges, and what a score is made of.
import { h } from "./dom.js";
import { MISSING, money, number, percent } from "./format.js";
import { t, word } from "./texts.js";

/** `items` are [label, value, tone, small print]. */
export const kpis = items => h("dl", { class: "kpis" }, items.map(([label, value, tone = "", small = ""]) =>
  h("div", {}, h("dt", {}, label), h("dd", { class: tone }, value), small && h("dd", { class: "small" }, small))));

/** `columns` are [heading, cell of a row, is it a number]; the first cell heads its row. */
export const table = (caption, columns, rows, { empty } = {}) => {
  if (!rows.length) return h("p", { class: "note" }, empty || t("table.empty"));
  return h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
    h("table", {}, h("caption", { class: "sr" }, caption),
      h("thead", {}, h("tr", {}, columns.map(([heading, , isNumber]) => h("th", { scope: "col", class: isNumber && "n" }, heading)))),
      h("tbody", {}, rows.map(row => h("tr", {}, columns.map(([, cell, isNumber], index) =>
        h(index ? "td" : "th", { scope: !index && "row", class: isNumber && "n" }, cell(row))))))));
};

export const toned = (value, shown) => h("span", { class: value > 0 ? "win" : value < 0 ? "loss" : "" }, shown);
export const state = name => h("span", { class: `pill ${name}` }, word("state", name));
export const notice = (title, ...rest) => h("div", { class: "notice" }, h("p", {}, h("strong", {}, title)), rest);
export const command = text => h("code", { class: "command", dir: "ltr" }, text);
export const section = (id, title, ...rest) => h("section", { "aria-labelledby": `${id}-title`, id }, h("h2", { id: `${id}-title` }, title), rest);
export const names = text => h("bdi", {}, text);

/** An amount as the large figure of a box, its currency small beside it. */
export const large = (value, currency, signed = false) => (typeof value === "number"
  ? [money(value, "", signed), " ", h("span", { class: "unit", dir: "ltr" }, currency)] : MISSING);

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
export const performanceKpis = total => [
  [t("figure.sharpe"), number(total.sharpe, 2), "", t("figure.sortino", { value: number(total.sortino, 2) })],
  [t("figure.won"), percent(total.win_rate_pct, 0), "", t("figure.of_trades", { n: number(total.trades, 0) })],
  [t("figure.slippage"), total.avg_slippage_bps === null ? MISSING : t("unit.bps", { n: number(total.avg_slippage_bps, 2) }), "", t("figure.slippage_small")],
];
