// The sections of a node's page that show how it stands now.
import { h } from "./dom.js";
import { amount, cents, duration, inUnit, moment, percent, price } from "./format.js";
import { command, components, gauges, names, notice, score, state, table, toned } from "./parts.js";
import { nodeSays, openStop } from "./stop.js";
import { t, word } from "./texts.js";
import { tradeLink } from "./trade_list.js";

const since = (now, then) => duration(Math.max(0, now - then));
const traded = (place, trade) => (place && trade ? h("a", { href: tradeLink(`node:${place}`, trade) }, names(trade)) : names(trade));

export const holdings = (standing, place) => [
  table(t("positions.title"), [
    [t("trade.market"), held => [names(held.instrument_id), " ", word("side", held.side)]],
    [inUnit(t("positions.pnl"), standing.currency), held => toned(held.unrealized, cents(held.unrealized, true)), true],
    [t("positions.quantity"), held => amount(held.quantity), true],
    [t("trade.entry"), held => price(held.entry_price), true],
    [t("positions.last"), held => price(held.last_price), true],
    [inUnit(t("positions.value"), standing.currency), held => cents(held.notional), true],
    [t("positions.exits"), held => [price(held.stop_loss), " / ", price(held.take_profit)], true],
    [t("positions.open_for"), held => since(standing.t, held.opened_ns / 1e9), true],
    [t("trade.id"), held => [traded(place, held.trade_id), h("small", {}, names(held.strategy))]],
  ], standing.positions, { empty: t("positions.none") }),
  standing.unpriced ? h("p", { class: "loss" }, t("positions.unpriced", { n: standing.unpriced })) : "",
  standing.reduce_only.length ? h("p", { class: "loss" }, t("positions.reduce_only"), " ", names(standing.reduce_only.join(", "))) : "",
  h("h3", {}, t("orders.title")),
  table(t("orders.title"), [
    [t("orders.role"), order => word("role", order.role.split(":")[0] || "none")],
    [t("trade.market"), order => [names(order.instrument_id), " ", word("side", order.side)]],
    [t("orders.what"), order => word("type", order.order_type)],
    [t("positions.quantity"), order => [amount(order.quantity), order.filled ? h("small", {}, t("orders.filled", { n: amount(order.filled) })) : ""], true],
    [t("orders.price"), order => price(order.price ?? order.trigger_price), true],
    [t("orders.status"), order => word("event", order.status)],
    [t("trade.id"), order => traded(place, order.trade_id)],
  ], standing.orders, { empty: t("orders.none") }),
];

export const limitsOf = standing => [
  standing.trips.length ? notice(t("limits.tripped"), standing.trips.map(trip => h("p", {}, h("bdi", {}, trip)))) : "",
  gauges(standing.gauges),
  h("p", { class: "note" }, t("limits.budget", { value: percent(100 * standing.budget_left, 0) }), " · ", t("limits.losses", { n: standing.losses_in_a_row })),
  h("p", { class: "note" }, standing.strategies.map(([label, enabled]) => h("span", { class: "count" }, names(label), " ", h("span", { class: `pill ${enabled ? "running" : "halted"}` }, t(enabled ? "strategy.on" : "strategy.off"))))),
];

export const signalsOf = standing => (standing.signals.length
  ? [h("div", { class: "cards" }, standing.signals.map(signal => h("article", { class: "card" },
    h("h3", {}, names(signal.instrument), " ", score(signal.score)),
    h("p", { class: "note" }, word("direction", signal.direction), " · ", t("signal.confidence", { value: percent(100 * signal.confidence, 0) }), " · ", word("regime", signal.regime), " · ", t("signal.volatility", { value: percent(100 * signal.volatility, 2) }), " · ", moment(signal.t)),
    components(signal.parts)))),
  h("p", { class: "note" }, standing.last_text ? t("signal.last_text", { at: moment(standing.last_text) }) : t("signal.no_text"))]
  : h("p", { class: "note" }, t("signals.none")));

export const pricesOf = standing => h("p", {}, standing.prices.map(last => h("span", { class: "count" }, names(last.instrument_id), " ", h("strong", {}, price(last.price)), " ", h("small", { class: "inline" }, last.age_s === null ? t("prices.unknown") : t("prices.age", { age: duration(last.age_s) })))));

export const switchOf = (one, node) => {
  if (!one) return notice(t("switch.elsewhere"), h("p", {}, t("switch.elsewhere_do")), command(`sagetool stop --latch ${node ? "PATH" : "state/latch.json"}`));
  return [
    h("p", {}, state(one.state), one.flatten ? [" ", t("switch.flatten")] : ""),
    h("dl", { class: "facts" }, [
      [t("switch.reason"), h("bdi", {}, one.reason)], [t("switch.by"), names(one.by)], [t("switch.since"), one.since ? moment(one.since) : "–"],
      [t("switch.node"), nodeSays(one)],
      [t("switch.breaker"), one.breaker_is_sound ? (one.trips.length ? h("bdi", {}, one.trips.join("; ")) : t("switch.no_trip")) : t("switch.breaker_missing")],
      [t("switch.file"), h("code", { dir: "ltr" }, one.latch)],
    ].map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)))),
    h("p", { class: "tools" }, h("button", { type: "button", class: "danger", onclick: openStop }, t("stop.open"))),
    one.state === "running" ? "" : h("p", {}, t("stop.resume"), " ", command(one.resume)),
  ];
};
