// Finished runs: the list, one of them, and several side by side.
import { get } from "./api.js";
import { h } from "./dom.js";
import { duration, money, number, ofIso, percent, tone } from "./format.js";
import { lineChart } from "./line_chart.js";
import { marketPanel } from "./market_panel.js";
import { command, kpis, large, names, notice, performanceKpis, section, table, toned } from "./parts.js";
import { current, t } from "./texts.js";
import { tradeList } from "./trade_list.js";

const runLink = id => `#/run?${new URLSearchParams({ run: id })}`;
const period = row => `${ofIso(row.start)} – ${ofIso(row.end)}`;
const bps = value => number(value, 2);

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
  const figure = (heading, cell) => [heading, row => (row.total ? cell(row.total) : ""), true];
  return table(t("runs.title"), [
    [t("run.name"), row => (row.fault
      ? [names(row.id), h("small", { class: "loss" }, t("run.unreadable"), " ", h("bdi", {}, row.fault))]
      : [h("label", { class: "choose" }, h("input", { type: "checkbox", "aria-label": t("compare.choose", { name: row.id }), onchange: event => choose(row.id, event.target.checked) })), h("a", { href: runLink(row.id) }, names(row.id))])],
    [t("run.period"), row => (row.total ? period(row) : "")],
    figure(t("figure.net"), total => toned(total.net_pnl, percent(total.total_return_pct, 2, true))),
    figure(t("figure.sharpe"), total => number(total.sharpe, 2)),
    figure(t("figure.drawdown"), total => percent(total.max_drawdown_pct, 1)),
    figure(t("figure.won"), total => percent(total.win_rate_pct, 0)),
    figure(t("figure.trades"), total => number(total.trades, 0)),
    figure(t("figure.held"), total => duration(total.avg_duration_s)),
    figure(t("figure.slippage_bps"), total => bps(total.avg_slippage_bps)),
  ], found);
};

export const run = async (main, query) => {
  const id = query.get("run"), found = await get("/api/run", { run: id });
  if (found.fault !== undefined) {
    main.replaceChildren(h("section", { class: "first" }, h("h1", {}, names(id)), notice(t("run.unreadable"), h("p", {}, h("bdi", {}, found.fault)), h("p", {}, t("run.again")))));
    return undefined;
  }
  const total = found.total, source = `run:${id}`, trades = tradeList(source, 25);
  const marketSection = section("market", t("market.title")), tradesSection = section("trades", t("trades.title"));
  main.replaceChildren(
    h("section", { class: "first" }, h("h1", {}, names(found.name)),
      h("p", { class: "sub" }, period(found), " · ", found.benchmark.symbols.join(", "), " · ", t("run.start", { money: money(found.starting_balance, found.currency) }),
        found.has_report && [" · ", h("a", { href: `/report?${new URLSearchParams({ run: id })}`, target: "_blank" }, t("run.report"))]),
      kpis([
        [t("figure.net"), percent(total.total_return_pct, 1, true), tone(total.net_pnl), money(total.net_pnl, found.currency, true)],
        [t("figure.held_benchmark"), percent(found.benchmark.total_return_pct, 1, true), "", t("figure.its_drawdown", { value: percent(found.benchmark.max_drawdown_pct, 1) })],
        [t("figure.drawdown"), percent(total.max_drawdown_pct, 1), "", t("figure.longest", { n: number(total.longest_drawdown_days, 0) })],
        ...performanceKpis(total),
        [t("figure.held"), duration(total.avg_duration_s), "", t("figure.median", { value: duration(total.median_duration_s) })],
        [t("figure.costs"), large(total.fees + total.slippage_cost, found.currency), "", t("figure.fees", { value: money(total.fees, found.currency) })],
      ])),
    section("equity", t("equity.title"), found.charts
      ? [lineChart(found.charts.equity, { label: t("equity.label"), unit: found.currency }), h("h3", {}, t("drawdown.title")), lineChart(found.charts.drawdown, { label: t("drawdown.label"), size: "short", unit: "%", legend: false })]
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
  [t("figure.net"), ([, part]) => toned(part.net_pnl, percent(part.total_return_pct, 2, true)), true],
  [t("figure.sharpe"), ([, part]) => number(part.sharpe, 2), true],
  [t("figure.drawdown"), ([, part]) => percent(part.max_drawdown_pct, 1), true],
  [t("figure.won"), ([, part]) => percent(part.win_rate_pct, 0), true],
  [t("figure.trades"), ([, part]) => number(part.trades, 0), true],
  [t("figure.held"), ([, part]) => duration(part.avg_duration_s), true],
  [t("figure.slippage_bps"), ([, part]) => bps(part.avg_slippage_bps), true],
], Object.entries(found.per_strategy));

const COMPARED = [
  ["figure.net", total => total.total_return_pct, value => percent(value, 2, true)],
  ["figure.sharpe", total => total.sharpe, value => number(value, 2, true)],
  ["figure.sortino_name", total => total.sortino, value => number(value, 2, true)],
  ["figure.drawdown", total => total.max_drawdown_pct, value => percent(value, 2)],
  ["figure.volatility", total => total.volatility_pct, value => percent(value, 1)],
  ["figure.won", total => total.win_rate_pct, value => percent(value, 1)],
  ["figure.profit_factor", total => total.profit_factor, value => number(value, 2)],
  ["figure.trades", total => total.trades, value => number(value, 0)],
  ["figure.held_min", total => (total.avg_duration_s === null ? null : total.avg_duration_s / 60), value => number(value, 1)],
  ["figure.slippage_bps", total => total.avg_slippage_bps, value => number(value, 2)],
  ["figure.fees_money", total => total.fees, value => number(value, 0)],
  ["figure.exposure_avg", total => total.avg_exposure_pct, value => percent(value, 1)],
  ["figure.turnover", total => total.turnover, value => number(value, 1)],
];
const differs = (value, base, shown) => (value === null || base === null || value === base ? "" : h("small", {}, `${value > base ? "+" : ""}${shown(value - base)}`.replace("++", "+").replace(/\+(\u2066?)\+/, "$1+")));

export const compare = async (main, query) => {
  const found = await get("/api/compare", { run: query.getAll("run") });
  const [base, ...others] = found.rows;
  main.replaceChildren(h("section", { class: "first" }, h("h1", {}, t("compare.title")),
    h("p", { class: "sub" }, base ? t("compare.about", { name: base.id }) : t("compare.nothing")),
    found.missing.length ? notice(t("compare.missing"), h("p", {}, names(found.missing.join(", ")))) : "",
    found.chart ? lineChart(found.chart, { label: t("compare.label"), unit: "%", named: name => name }) : "",
    base ? table(t("compare.title"), [
      [t("compare.figure"), ([key]) => t(key)],
      [names(base.id), ([, read, shown]) => shown(read(base.total)), true],
      ...others.map(other => [names(other.id), ([, read, shown]) => [shown(read(other.total)), differs(read(other.total), read(base.total), shown)], true]),
    ], COMPARED) : "",
    h("p", {}, h("a", { href: "#/runs" }, t("compare.back")))));
};
