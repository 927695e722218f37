// The figures of a run: what each is called and how it is shown, in every list, box and comparison the same way.
import { h } from "./dom.js";
import { duration, money, number, percent, times } from "./format.js";
import { t } from "./texts.js";

const percentOf = (read, digits, signed) => [read, value => percent(value, digits, signed), value => points(value, digits)];
const plain = (read, digits) => [read, value => number(value, digits), value => number(value, digits, true)];
export const points = (value, digits) => t("unit.points", { n: number(value, digits, true) });
export const bps = (value, digits, signed) => (typeof value === "number" ? t("unit.bps", { n: number(value, digits, signed) }) : number(null));

/** By key: what it is of `total`, how that is shown, and how a difference is. */
const FIGURES = {
  net: percentOf(total => total.total_return_pct, 2, true),
  sharpe: plain(total => total.sharpe, 2),
  sortino_name: plain(total => total.sortino, 2),
  drawdown: percentOf(total => total.max_drawdown_pct, 2),
  volatility: percentOf(total => total.volatility_pct, 1),
  won: percentOf(total => total.win_rate_pct, 0),
  profit_factor: plain(total => total.profit_factor, 2),
  trades: plain(total => total.trades, 0),
  held: [total => total.avg_duration_s, value => duration(value), value => duration(value, true)],
  slippage: [total => total.avg_slippage_bps, value => bps(value, 2), value => bps(value, 2, true)],
  fees_money: [total => total.fees, (value, currency) => money(value, currency), (value, currency) => money(value, currency, true)],
  exposure_avg: percentOf(total => total.avg_exposure_pct, 1),
  turnover: [total => total.turnover, value => times(value, 1), value => times(value, 1, true)],
};
const EXPLAINED = new Set(["drawdown", "sharpe", "sortino_name", "volatility", "profit_factor", "slippage", "exposure_avg", "turnover"]);
export const LISTED = ["net", "sharpe", "drawdown", "won", "trades", "held", "slippage"];
export const COMPARED = Object.keys(FIGURES);

export const value = (key, total) => FIGURES[key][0](total);
export const shown = (key, total, currency = "") => FIGURES[key][1](value(key, total), currency);
export const named = key => (EXPLAINED.has(key) ? h("abbr", { title: t(`about.${key}`) }, t(`figure.${key}`)) : t(`figure.${key}`));
/** A figure as a box: its name, its value, and what is said below it. */
export const box = (key, total, currency, tone = "", small = "") => [named(key), shown(key, total, currency), tone, small];

/** How far a figure is from the same figure of another run, or nothing where that says nothing. */
export const difference = (key, total, base, currency) => {
  const one = value(key, total), other = value(key, base);
  return one === null || other === null || one === other ? "" : FIGURES[key][2](one - other, currency);
};
