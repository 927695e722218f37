// Finished runs: the list, one of them, and several side by side.
import { get } from "./api.js";
import { h } from "./dom.js";
import { COMPARED, LISTED, box, difference, named, shown } from "./figures.js";
import { money, number, ofIso, percent, tone } from "./format.js";
import { lineChart } from "./line_chart.js";
import { marketPanel } from "./market_panel.js";
import { command, kpis, large, names, notice, performanceKpis, section, table, toned, unit } from "./parts.js";
import { current, t } from "./texts.js";
import { tradeList } from "./trade_list.js";

const runLink = id => `#/run?${new URLSearchParams({ run: id })}`;
const period = row => `${ofIso(row.start)} – ${ofIso(row.end)}`;

export const runs = async main => {
  const found = await get("/api/runs");
  const chosen = new Set();
  const compare = h("a", { class: "button", "aria-disabled": "true", role: "link" }, t("compare.open"));
  const choose = (id, wanted) => {
    if (wanted) chosen.add(id); else chosen.delete(id);
    const ready = chosen.size > 1;
    compare.setAttribute("aria-disabled", String(!ready));
    if (ready) compare.href = `#/compare?${new URLSearchParams([...chosen].map(name => ["run", name]))}`; else compare.removeAttribute("href");
  };
  main.replaceChildren(h("section", { class: "first" }, h("h1", {}, t("runs.title")), h("p", { class: "sub" }, t("runs.about")),
    found.length
      ? [h("p", { class: "tools" }, compare, h("span", { class: "quiet" }, t("compare.hint"))), runTable(found, choose)]
      : notice(t("runs.none"), h("p", {}, t("runs.none_do")), command("sagetool backtest configs/demo.toml"))));
};

const runTable = (found, choose) => {
  return table(t("runs.title"), [
    [t("run.name"), row => (row.fault
      ? [names(row.id), h("small", { class: "loss" }, t("run.unreadable"), " ", h("bdi", {}, row.fault))]
      : [h("label", { class: "choose" }, h("input", { type: "checkbox", "aria-label": t("compare.choose", { name: row.id }), onchange: event => choose(row.id, event.target.checked) })), h("a", { href: runLink(row.id) }, names(row.id))])],
    [t("run.period"), row => (row.total ? period(row) : "")],
    ...figureColumns(row => row.total),
  ], found);
};

const figureColumns = totalOf => LISTED.map(key => [named(key), row => {
  const total = totalOf(row);
  if (!total) return "";
  return key === "net" ? toned(total.net_pnl, shown(key, total)) : shown(key, total);
}, true]);

export const run = async (main, query) => {
  const id = query.get("run"), found = await get("/api/run", { run: id });
  if (found.fault !== undefined) {
    main.replaceChildren(h("section", { class: "first" }, h("h1", {}, names(id)), notice(t("run.unreadable"), h("p", {}, h("bdi", {}, found.fault)), h("p", {}, t("run.again")))));
    return undefined;
  }
  const total = found.total, source = `run:${id}`, trades = tradeList(source, 25, found.currency);
  const marketSection = section("market", t("market.title")), tradesSection = section("trades", t("trades.title"));
  main.replaceChildren(
    h("section", { class: "first" }, h("h1", {}, names(found.name)),
      h("p", { class: "sub" }, period(found), " · ", found.benchmark.symbols.join(", "), " · ", t("run.start", { money: money(found.starting_balance, found.currency) }),
        found.has_report && [" · ", h("a", { href: `/report?${new URLSearchParams({ run: id })}`, target: "_blank" }, t("run.report"))]),
      kpis([
        box("net", total, "", tone(total.net_pnl), money(total.net_pnl, found.currency, true)),
        [t("figure.held_benchmark"), percent(found.benchmark.total_return_pct, 2, true), "", t("figure.its_drawdown", { value: percent(found.benchmark.max_drawdown_pct, 2) })],
        box("drawdown", total, "", "", t("figure.longest", { value: t("unit.d", { n: number(total.longest_drawdown_days, 0) }) })),
        ...performanceKpis(total),
        [t("figure.costs"), large(total.fees + total.slippage_cost, found.currency), "", t("figure.fees", { value: money(total.fees, found.currency) })],
      ])),
    section("equity", [t("equity.title"), " ", unit(found.currency)], found.charts
      ? [lineChart(found.charts.equity, { label: t("equity.label") }), h("h3", {}, t("drawdown.title")), lineChart(found.charts.drawdown, { label: t("drawdown.label"), size: "short", legend: false })]
      : notice(t("run.no_curve"), h("p", {}, h("bdi", {}, found.charts_fault)))),
    section("strategies", t("strategies.title"), strategies(found)),
    marketSection, tradesSection,
    current() === "en" ? section("words", t("run.words"), h("dl", { class: "verdict" }, found.sentences.map(line => h("div", { class: line.tone }, h("dt", {}, names(line.topic)), h("dd", {}, line.text))))) : "",
    section("facts", t("facts.title"), h("dl", { class: "facts" }, [[t("facts.digest"), found.config_digest], [t("facts.code"), found.code_version]].map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", { dir: "ltr" }, value))))),
  );
  const history = await get("/api/history", { source });
  const market = history.instruments.length ? marketPanel(source, history.instruments) : undefined;
  if (market) marketSection.append(market.place); else marketSection.remove();
  tradesSection.append(history.is_there ? trades.place : notice(t("journal.none")));
  if (history.is_there) await trades.again();
  return () => market && market.remove();
};

const strategies = found => table(t("strategies.title"), [
  [t("strategies.name"), ([name]) => names(name)],
  ...figureColumns(([, part]) => part),
], Object.entries(found.per_strategy));

/** What must be alike before figures can be held against one another; each shown as a row above them. */
const FACTS = [
  ["run.period", period],
  ["compare.markets", row => row.symbols.join(", ")],
  ["compare.balance", row => money(row.starting_balance, row.currency)],
  ["compare.data", row => h("code", { dir: "ltr", title: row.data_fingerprint }, row.data_fingerprint.replace(/^\w+:/, "").slice(0, 8))],
];

const compareTable = ([base, ...others]) => table(t("compare.title"), [
  [t("compare.figure"), ({ heading }) => heading],
  [names(base.id), ({ cell }) => cell(base), true],
  ...others.map(other => [names(other.id), ({ cell, apart }) => [cell(other), apart && h("small", {}, apart(other, base))], true]),
], [
  ...FACTS.map(([key, cell]) => ({ heading: t(key), cell: row => h("span", { class: "wraps" }, cell(row)) })),
  ...COMPARED.map(key => ({
    heading: named(key), cell: row => shown(key, row.total, row.currency),
    apart: (row, base) => (key === "fees_money" && row.currency !== base.currency ? "" : difference(key, row.total, base.total, row.currency)),
  })),
]);

export const compare = async (main, query) => {
  const found = await get("/api/compare", { run: query.getAll("run") });
  const [base] = found.rows;
  main.replaceChildren(h("section", { class: "first" }, h("h1", {}, t("compare.title")),
    h("p", { class: "sub" }, base ? t("compare.about", { name: base.id }) : t("compare.nothing")),
    found.missing.length ? notice(t("compare.missing"), h("p", {}, names(found.missing.join(", ")))) : "",
    found.unlike.length ? notice(t("compare.unlike"), found.unlike.map(what => h("p", {}, t(`unlike.${what}`)))) : "",
    found.chart ? lineChart(found.chart, { label: t("compare.label"), named: name => name }) : "",
    base ? compareTable(found.rows) : "",
    h("p", {}, h("a", { href: "#/runs" }, t("compare.back")))));
};
