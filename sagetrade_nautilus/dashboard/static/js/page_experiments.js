// Experiments and what speaks for and against each.
import { get } from "./api.js";
import { h } from "./dom.js";
import { number } from "./format.js";
import { command, names, notice, table } from "./parts.js";
import { t, word } from "./texts.js";

const change = row => (row.baseline === null || row.experiment === null ? "" : number(row.experiment - row.baseline, 3, true));

const card = found => h("section", { class: "card", "aria-label": found.id },
  h("h2", {}, names(found.id), " ", h("span", { class: `pill ${found.status}` }, word("experiment", found.status))),
  found.fault ? h("p", { class: "loss" }, h("bdi", {}, found.fault)) : "",
  found.hypothesis && h("p", { class: "about" }, names(found.hypothesis)),
  found.metrics.length ? table(t("experiments.evidence"), [
    [t("compare.figure"), row => word("metric", row.name)],
    [t("experiments.baseline"), row => number(row.baseline, 3), true],
    [t("experiments.experiment"), row => number(row.experiment, 3), true],
    [t("experiments.change"), change, true],
  ], found.metrics) : h("p", { class: "note" }, t("experiments.no_evidence")),
  found.criteria.length ? table(t("experiments.criteria"), [
    [t("experiments.criterion"), row => names(row.name)],
    [t("experiments.held"), row => h("span", { class: row.passed ? "win" : "loss" }, t(row.passed ? "experiments.yes" : "experiments.no"))],
    [t("experiments.detail"), row => names(row.detail)],
  ], found.criteria) : "",
  found.reasons.map(reason => h("p", { class: "note" }, names(reason))),
  h("dl", { class: "facts" }, [
    [t("experiments.branch"), found.branch], [t("experiments.range"), found.range],
    [t("experiments.paper"), found.paper && t("experiments.paper_of", { pct: number(found.paper.allocated_capital_pct, 1), hours: number(found.paper.duration_hours, 0) })],
    [t("experiments.trials"), found.trials && number(found.trials, 0)],
    [t("experiments.artifacts"), found.artifacts.join(", ")],
  ].filter(([, value]) => value).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, h("bdi", {}, value))))));

export const experiments = async main => {
  const found = await get("/api/experiments");
  main.replaceChildren(h("section", { class: "first" }, h("h1", {}, t("experiments.title")), h("p", { class: "sub" }, t("experiments.about"))),
    ...(found.length ? found.map(card) : [notice(t("experiments.none"), h("p", {}, t("experiments.none_do")), command("sagetool experiment --help"))]));
};
