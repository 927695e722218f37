// Experiments and what speaks for and against each.
import { get } from "./api.js";
import { h } from "./dom.js";
import { points } from "./figures.js";
import { number, ofIso, percent } from "./format.js";
import { command, names, notice, table } from "./parts.js";
import { t, word } from "./texts.js";

const share = signed => [value => percent(value === null ? null : 100 * value, 2, signed), value => points(100 * value, 2)];
/** How a figure of the report is shown, and a difference of it; returns and drawdowns are fractions there. */
const SHOWN = { sharpe: [value => number(value, 2), value => number(value, 2, true)], return: share(true), drawdown: share(false) };
const OTHER = [value => number(value, 3), value => number(value, 3, true)];
const shownBy = row => (Object.hasOwn(SHOWN, row.name) ? SHOWN[row.name] : OTHER);
const change = row => (row.baseline === null || row.experiment === null ? "" : shownBy(row)[1](row.experiment - row.baseline));
const NOT_YET = new Set(["created", "evaluating"]);
const period = text => { const days = text.split(".."); return days.length === 2 ? days.map(ofIso).join(" – ") : text; };

const card = found => h("section", { class: "card", "aria-label": found.id },
  h("h2", {}, names(found.id), " ", h("span", { class: `pill ${found.status}` }, word("experiment", found.status))),
  found.fault ? h("p", { class: "loss" }, h("bdi", {}, found.fault)) : "",
  found.hypothesis && h("p", { class: "about" }, h("bdi", {}, found.hypothesis)),
  found.metrics.length ? table(t("experiments.evidence"), [
    [t("compare.figure"), row => word("metric", row.name)],
    [t("experiments.baseline"), row => shownBy(row)[0](row.baseline), true],
    [t("experiments.experiment"), row => shownBy(row)[0](row.experiment), true],
    [t("experiments.change"), change, true],
  ], found.metrics) : !found.fault && h("p", { class: "note" }, t(NOT_YET.has(found.status) ? "experiments.no_evidence" : "experiments.never_measured")),
  found.criteria.length ? table(t("experiments.criteria"), [
    [t("experiments.criterion"), row => names(row.name)],
    [t("experiments.held"), row => h("span", { class: row.passed ? "win" : "loss" }, t(row.passed ? "experiments.yes" : "experiments.no"))],
    [t("experiments.detail"), row => h("bdi", {}, row.detail)],
  ], found.criteria) : "",
  found.reasons.length ? [h("h3", {}, t("experiments.why")), h("ul", { class: "reasons" }, found.reasons.map(reason => h("li", {}, h("bdi", {}, reason))))] : "",
  h("dl", { class: "facts" }, [
    [t("experiments.branch"), found.branch], [t("experiments.range"), period(found.range)],
    [t("experiments.paper"), found.paper && t("experiments.paper_of", { pct: number(found.paper.allocated_capital_pct, 1), hours: number(found.paper.duration_hours, 0) })],
    [t("experiments.trials"), found.trials && number(found.trials, 0)],
    [t("experiments.artifacts"), found.artifacts.join(", ")],
  ].filter(([, value]) => value).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, h("bdi", {}, value))))));

export const experiments = async main => {
  const found = await get("/api/experiments");
  main.replaceChildren(h("section", { class: "first" }, h("h1", {}, t("experiments.title")), h("p", { class: "sub" }, t("experiments.about"))),
    ...(found.length ? found.map(card) : [notice(t("experiments.none"), h("p", {}, t("experiments.none_do")), command("sagetool experiment --help"))]));
};
