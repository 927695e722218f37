// The closed trades of a run or a node, the newest first, a page at a time.
import { get } from "./api.js";
import { h } from "./dom.js";
import { UTC, at, cents, duration, inUnit, number, price } from "./format.js";
import { names, table, toned } from "./parts.js";
import { t, word } from "./texts.js";

export const tradeLink = (source, trade) => `#/trade?${new URLSearchParams({ source, trade })}`;

const tradeColumns = (source, currency) => [
  [t("trade.id"), row => h("a", { href: tradeLink(source, row.trade) }, names(row.trade))],
  [inUnit(t("trade.net"), currency), row => toned(row.net_pnl, cents(row.net_pnl, true)), true],
  [inUnit(t("trade.entered"), UTC), row => at(row.entry_t)],
  [t("trade.market"), row => [names(row.symbol), " ", word("side", row.side)]],
  [t("trade.entry"), row => price(row.entry_price), true],
  [t("trade.exit"), row => price(row.exit_price), true],
  [t("trade.held"), row => duration(row.duration_s), true],
  [t("trade.bps"), row => toned(row.net_bps, number(row.net_bps, 1, true)), true],
  [t("trade.ended"), row => word("exit", row.exit_reason)],
];

/** A list that fetches itself; `again()` fetches what is shown once more. */
export const tradeList = (source, count, currency) => {
  const place = h("div", {});
  let offset = 0;
  const again = async () => {
    let found;
    try { found = await get("/api/trades", { source, offset, count }); } catch (error) { place.replaceChildren(h("p", { class: "loss" }, error.message)); return; }
    const turn = step => { offset = Math.max(0, offset + step * count); again(); };
    place.replaceChildren(
      table(t("trades.title"), tradeColumns(source, currency), found.rows, { empty: t("trades.none") }),
      found.total > count && h("p", { class: "pager" },
        h("button", { type: "button", disabled: offset === 0, onclick: () => turn(-1) }, t("trades.newer")),
        h("span", {}, t("trades.range", { from: offset + 1, to: Math.min(offset + count, found.total), total: number(found.total, 0) })),
        h("button", { type: "button", disabled: offset + count >= found.total, onclick: () => turn(1) }, t("trades.older"))) || "");
  };
  return { place, again };
};
