// One trade: its chart, why it was made, and what became of its orders.
import { get } from "./api.js";
import { h, outward } from "./dom.js";
import { bps } from "./figures.js";
import { UTC, amount, at, cents, clock, duration, inUnit, moment, money, number, percent, price, tone } from "./format.js";
import { marketChart } from "./market_chart.js";
import { newsList } from "./market_panel.js";
import { command, components, kpis, large, names, notice, score, section, table } from "./parts.js";
import { t, word } from "./texts.js";

const QUIET = new Set(["initialized", "filled", "partially_filled", "submitted", "accepted"]);

export const trade = async (main, query) => {
  const source = query.get("source"), wanted = query.get("trade");
  let found;
  try { found = await get("/api/trade", { source, trade: wanted }); } catch (error) {
    main.replaceChildren(h("section", { class: "first" }, h("h1", {}, names(wanted)), notice(t("trade.unknown"), h("p", {}, error.message))));
    return undefined;
  }
  const decision = found.decision, row = found.row, plot = h("div", { class: "market-chart" }), beside = h("div", {});
  const back = source.startsWith("run:") ? `#/run?${new URLSearchParams({ run: source.slice(4) })}` : "#/live";
  main.replaceChildren(
    h("section", { class: "first" },
      h("p", { class: "crumb" }, h("a", { href: back }, t("trade.back"))),
      h("h1", {}, names(found.trade)),
      h("p", { class: "sub" }, word("side", decision.side), " ", names(decision.instrument_id), " · ", moment(decision.ts / 1e9), " · ", h("bdi", {}, decision.reason)),
      row ? kpis([
        [t("trade.net"), large(row.net_pnl, found.currency, true), tone(row.net_pnl), bps(row.net_bps, 1, true)],
        [t("trade.entry"), price(row.entry_price)],
        [t("trade.exit"), price(row.exit_price), "", word("exit", row.exit_reason)],
        [t("trade.held"), duration(row.duration_s)],
        [t("trade.size"), percent(row.size_pct, 1), "", money(row.notional, found.currency)],
        [h("abbr", { title: t("about.expected") }, t("trade.expected")), bps(decision.expected_edge_bps, 1), "", t("trade.cost", { n: number(decision.cost_bps, 1) })],
      ]) : notice(t("trade.open"))),
    found.market ? section("chart", t("trade.chart"), h("div", { class: "split" }, plot, beside)) : "",
    section("why", t("trade.why"),
      h("p", { class: "about" }, t("trade.score"), " ", score(decision.score), " · ", t("signal.confidence", { value: percent(100 * decision.confidence, 0) }), " · ", word("regime", decision.regime)),
      components(found.parts, part => [
        part.texts.length ? h("ul", { class: "sources", dir: "auto" }, part.texts.map(text => h("li", {}, h("small", {}, `${at(text.t)} · `, h("bdi", {}, text.source)), outward(text.url, text.title)))) : "",
        part.missing.length ? h("p", { class: "loss" }, t("trade.text_missing", { n: part.missing.length })) : "",
      ])),
    section("orders", t("orders.title"), orders(found)),
    section("proof", t("trade.proof"), proof(found)),
  );
  if (!found.market) return undefined;
  const news = newsList(found.market.news, found.market.hidden_news);
  beside.replaceChildren(news.place);
  return marketChart(plot, found.market, { lines: levels(found), chosen: found.trade, onLook: news.light });
};

const levels = found => {
  const lines = [];
  for (const order of found.orders) {
    if (order.role === "take_profit" && order.price) lines.push({ price: order.price, title: t("role.take_profit"), tone: "--win" });
    if (order.role === "stop_loss" && order.trigger_price) lines.push({ price: order.trigger_price, title: t("role.stop_loss"), tone: "--loss" });
  }
  return lines;
};

const orders = found => [
  table(t("orders.title"), [
    [t("orders.role"), order => word("role", order.role.split(":")[0])],
    [t("orders.what"), order => [word("side", order.side), " ", amount(order.quantity), " ", word("type", order.order_type)]],
    [t("orders.price"), order => price(order.price ?? order.trigger_price), true],
    [inUnit(t("orders.fills"), UTC), order => order.fills.map(([at, quantity, at_price, fee]) => h("div", {}, `${clock(at)} · `, amount(quantity), ` @ `, price(at_price), " · ", t("orders.fee", { value: cents(fee) })))],
    [inUnit(t("orders.rest"), UTC), order => order.events.filter(([, event]) => !QUIET.has(event)).map(([at, event, reason]) => h("div", {}, `${clock(at)} · `, word("event", event), reason && h("small", {}, h("bdi", {}, reason))))],
  ], found.orders),
  found.denials.map(([at, reason]) => h("p", { class: "loss" }, `${clock(at)} · `, t("orders.denied"), " ", h("bdi", {}, reason))),
];

const proof = found => [
  h("p", { class: found.chain_fault ? "loss" : "win" }, found.chain_fault ? [t("journal.broken"), " ", h("bdi", {}, found.chain_fault)] : t("journal.holds")),
  h("p", {}, found.is_complete ? t("trade.complete") : t("trade.incomplete")),
  h("p", {}, t("trade.same"), " ", command(found.command)),
];
