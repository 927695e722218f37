// What runs now: how each node stands, and what its journal tells. Refreshed every two seconds, in place.
import { get } from "./api.js";
import { h, refresh } from "./dom.js";
import { UTC, at, inUnit, money, moment, number, percent, tone } from "./format.js";
import { box } from "./figures.js";
import { holdings, limitsOf, pricesOf, signalsOf, switchOf } from "./live_parts.js";
import { lineChart } from "./line_chart.js";
import { marketPanel } from "./market_panel.js";
import { command, gone, kpis, large, names, notice, performanceKpis, section, state, table, unit } from "./parts.js";
import { t, word } from "./texts.js";
import { tradeLink, tradeList } from "./trade_list.js";

const APART = 0.001;
const HISTORY_MS = 15_000;
const DEFAULT_NODE = "http://127.0.0.1:9108";

/** What can be looked at: every node, and every folder of a node that none of them claims; what runs first, then the newest. */
const subjects = found => {
  const nodes = found.nodes.filter(node => node.standing).map(node => ({ id: node.url, name: node.standing.run, node, place: node.place, runs: node.reach === "ok", since: node.standing.started, vital: node.reach === "ok" ? "alive" : "stale" }));
  const claimed = new Set(nodes.map(node => node.place));
  const rest = found.switches.filter(one => !claimed.has(one.place)).map(one => ({ id: one.place, name: one.place, place: one.place, runs: one.vital === "alive", since: one.written, vital: one.vital }));
  return [...nodes, ...rest].sort((one, other) => other.runs - one.runs || other.since - one.since || one.name.localeCompare(other.name));
};

export const live = async (main, query, listen) => {
  const parts = Object.fromEntries(["head", "silent", "kpis", "charts", "holdings", "limits", "signals", "prices", "market", "trades", "decisions", "switch"].map(name => [name, h("div", {})]));
  const sections = [["holdings", "holdings.title"], ["limits", "limits.title"], ["signals", "signals.title"], ["prices", "prices.title"], ["market", "market.title"], ["trades", "trades.title"], ["decisions", "decisions.title"], ["switch", "switch.title"]];
  const wrapped = Object.fromEntries(sections.map(([name, title]) => [name, section(name, t(title), parts[name])]));
  main.replaceChildren(h("section", { class: "first" }, parts.head, parts.silent, parts.kpis, parts.charts), ...sections.map(([name]) => wrapped[name]));

  let subject, history, watched, historyAt = 0, market, trades, last;
  const fetchHistory = async () => {
    historyAt = Date.now();
    const source = subject.place && `node:${subject.place}`;
    [history, watched] = await Promise.all([
      source ? get("/api/history", { source }).catch(() => undefined) : undefined,
      subject.node ? get("/api/watched", { node: subject.node.url }).catch(() => undefined) : undefined,
    ]);
    if (history && history.instruments.length && !market) {
      market = marketPanel(source, history.instruments);
      parts.market.replaceChildren(market.place);
    }
    const currency = subject.node ? subject.node.standing.currency : "";
    if (source && (!trades || trades.source !== source || trades.currency !== currency)) {
      trades = { source, currency, ...tradeList(source, 12, currency) };
      parts.trades.replaceChildren(trades.place);
    }
    if (history && history.is_there) trades.again();
  };
  const draw = () => {
    const standing = subject && subject.node && subject.node.standing;
    refresh(parts.head, [subjects(last).map(one => [one.id, one.name, one.vital]), subject && subject.id, standing && [standing.run, standing.state, standing.reason, standing.t]], () => head(subjects(last), subject, standing));
    refresh(parts.silent, [last.nodes.map(node => [node.url, node.reach, node.fault, Boolean(node.standing)]), last.runs], () => silent(last));
    const total = history && history.total, charts = (history && history.charts) || (watched && watched.charts);
    refresh(parts.kpis, [standing, total, last.active_experiments], () => figures(standing, total, last));
    refresh(parts.charts, [charts, watched && watched.exposure, watched === null, history && [history.fault, history.counted]], () => drawn(history, watched, standing ? standing.currency : ""));
    const show = (name, value, build) => { wrapped[name].hidden = value === undefined; if (value !== undefined) refresh(parts[name], value, build); };
    show("holdings", standing && [standing.positions, standing.orders, subject.place], () => holdings(standing, subject.place));
    show("limits", standing && [standing.gauges, standing.trips, standing.strategies, standing.reduce_only], () => limitsOf(standing));
    show("signals", standing && [standing.signals, standing.last_text], () => signalsOf(standing));
    show("prices", standing && standing.prices, () => pricesOf(standing));
    wrapped.market.hidden = !market;
    wrapped.trades.hidden = !(history && history.is_there);
    show("decisions", history && history.is_there ? history : undefined, () => decisions(history, `node:${subject.place}`));
    const own = subject ? last.switches.find(one => one.place === subject.place) : undefined;
    show("switch", subject && [own || null, standing && standing.state], () => switchOf(own, subject.node));
  };
  const hear = async found => {
    last = found;
    const all = subjects(found), before = subject && subject.id;
    subject = all.find(one => one.id === query.get("subject")) || all.find(one => one.id === before) || all[0];
    draw();
    if (!subject || (subject.id === before && Date.now() - historyAt < HISTORY_MS)) return;
    await fetchHistory();
    draw();
  };
  const deaf = listen(hear);
  return () => { deaf(); if (market) market.remove(); };
};

const head = (all, subject, standing) => [
  all.length > 1 && h("nav", { class: "subjects", "aria-label": t("live.which") }, all.map(one => h("a", { href: `#/live?${new URLSearchParams({ subject: one.id })}`, "aria-current": subject && one.id === subject.id && "page" }, names(one.name), " ", h("small", {}, word("vital", one.vital))))),
  h("h1", {}, subject ? names(subject.name) : t("live.title"), standing && [" ", subject.runs ? state(standing.state) : gone(subject.vital)]),
  standing && h("p", { class: "sub" }, names(standing.venue), " · ", t("live.seen", { at: moment(standing.t) }), " · ", t("live.since", { at: moment(standing.started) }),
    standing.reason && h("span", { class: "loss" }, " · ", h("bdi", {}, standing.reason))),
];

const silent = found => {
  const away = found.nodes.filter(node => node.reach !== "ok");
  if (!away.length) return [];
  return away.map(node => (node.reach === "asking"
    ? h("p", { class: "note", role: "status" }, t("live.asking", { url: node.url }))
    : notice(t(`live.${node.reach}`, { url: node.url }), h("p", {}, h("bdi", {}, node.fault)),
      node.standing ? h("p", {}, t("live.old", { at: moment(node.standing.t) })) : [
        h("p", {}, t("live.start"), " ", command("sagetool paper configs/paper-binance.toml")),
        h("p", {}, t("live.port"), " ", command(`sagetool dashboard --node ${DEFAULT_NODE}`)),
        found.runs ? h("p", {}, h("a", { href: "#/runs" }, t("live.runs", { n: found.runs }))) : h("p", {}, t("live.backtest"), " ", command("sagetool backtest configs/demo.toml"))])));
};

const figures = (standing, total, found) => {
  const active = [t("figure.experiments"), h("a", { href: "#/experiments" }, number(found.active_experiments, 0)), "", t("figure.active")];
  const deepest = total ? t("figure.deepest", { value: percent(total.max_drawdown_pct, 2) }) : "";
  return kpis([
    ...(standing ? [
      [t("figure.equity"), large(standing.equity, standing.currency), "", t("figure.open_pnl", { value: money(standing.open_pnl, standing.currency, true) })],
      [t("figure.today"), large(standing.day_pnl, standing.currency, true), tone(standing.day_pnl), percent(standing.day_pnl_pct, 2, true)],
      [t("figure.exposure"), percent(standing.exposure_pct, 1), "", t("figure.net_exposure", { value: money(standing.net_exposure, standing.currency, true) })],
      [t("figure.drawdown"), percent(standing.drawdown_pct, 2), "", deepest],
    ] : []),
    ...(total ? [
      [t("figure.pnl"), large(total.net_pnl, standing ? standing.currency : "", true), tone(total.net_pnl), percent(total.total_return_pct, 2, true)],
      ...(standing ? [] : [box("drawdown", total)]),
      ...performanceKpis(total),
    ] : []),
    active,
  ]);
};

const drawn = (history, watched, currency) => {
  const charts = (history && history.charts) || (watched && watched.charts);
  const fault = history && history.fault ? notice(t("journal.fault"), h("p", {}, h("bdi", {}, history.fault))) : "";
  const apart = history && history.counted !== null && history.adds_up_to !== null && Math.abs(history.adds_up_to - history.counted) > APART * history.counted
    ? notice(t("equity.differs"), h("p", {}, t("equity.differs_by", { journal: money(history.adds_up_to, currency), node: money(history.counted, currency) }))) : "";
  if (!charts) return [fault, h("p", { class: "note" }, t(history && history.is_there ? "equity.no_trade" : "equity.soon"))];
  return [fault, apart,
    h("h2", {}, t("equity.title"), " ", unit(currency)), h("p", { class: "note" }, t(history && history.charts ? "equity.from_journal" : "equity.from_samples")),
    lineChart(charts.equity, { label: t("equity.label"), unit: currency, legend: false }),
    h("h3", {}, t("drawdown.title")), lineChart(charts.drawdown, { label: t("drawdown.label"), size: "short", legend: false }),
    watched !== undefined && [h("h3", {}, t("exposure.title"), " ", unit(currency)),
      watched ? lineChart(watched.exposure, { label: t("exposure.title"), size: "short", legend: false }) : h("p", { class: "note" }, t("exposure.soon"))]];
};

const decisions = (history, source) => [
  h("p", { class: "about" }, Object.entries(history.verdicts).map(([verdict, n]) => h("span", { class: "count" }, h("strong", {}, number(n, 0)), " ", word("verdict", verdict))),
    Object.entries(history.denials).map(([limit, n]) => h("span", { class: "count loss" }, h("strong", {}, number(n, 0)), " ", t("decisions.held_back"), " ", word("limit", limit)))),
  h("details", {}, h("summary", {}, t("decisions.last")), table(t("decisions.title"), [
    [inUnit(t("decisions.when"), UTC), row => at(row.t)],
    [t("decisions.who"), row => names(row.strategy)],
    [t("decisions.what"), row => [word("side", row.side), " ", names(row.instrument)]],
    [t("decisions.score"), row => number(row.score, 2, true), true],
    [t("decisions.verdict"), row => [row.trade && row.verdict === "taken" ? h("a", { href: tradeLink(source, row.trade) }, word("verdict", row.verdict)) : word("verdict", row.verdict), h("small", {}, h("bdi", {}, row.why))]],
  ], history.decisions)),
];
