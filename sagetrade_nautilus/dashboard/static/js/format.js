// Numbers and times as people read them: as in the report, with the digits and words of the language. Times are UTC.
import { current, t } from "./texts.js";

export const MISSING = "–";
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const known = value => typeof value === "number" && Number.isFinite(value);
const two = n => String(n).padStart(2, "0");
// A sign and its number stay together, in a text of either direction.
const apart = text => (current() === "ar" ? `\u2066${text}\u2069` : text);

export const number = (value, digits = 2, signed = false) => {
  if (!known(value)) return MISSING;
  const shown = Math.abs(value).toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits, roundingMode: "halfEven" });
  if (!/[1-9]/.test(shown)) return shown;
  return apart((value < 0 ? "−" : signed ? "+" : "") + shown);
};
export const percent = (value, digits = 1, signed = false) =>
  known(value) ? apart(`${plain(value, digits, signed)}%`) : MISSING;
export const times = (value, digits = 1, signed = false) => (known(value) ? apart(`${plain(value, digits, signed)}×`) : MISSING);
/** Cents; what is less than half of one has two significant digits, so that it is no zero: as the report does. */
export const cents = (value, signed = false) => {
  const size = known(value) ? Math.abs(value) : 0;
  return number(value, size >= 5e-9 && size < 0.005 ? 1 - Math.floor(Math.log10(size)) : 2, signed);
};
export const money = (value, currency, signed = false) =>
  known(value) ? apart(`${Math.abs(value) >= 1000 ? plain(value, 0, signed) : bare(cents(value, signed))} ${currency}`.trim()) : MISSING;
/** Cents from 100 on, six significant digits below: as the report does. */
export const price = value => {
  if (!known(value)) return MISSING;
  const size = Math.abs(value);
  return number(value, size >= 100 || !size ? 2 : 5 - Math.floor(Math.log10(size)));
};
export const amount = value =>
  known(value) ? apart(value.toLocaleString("en-US", { maximumFractionDigits: 8 })) : MISSING;
const bare = text => text.replace(/[\u2066\u2069]/g, "");
const plain = (value, digits, signed) => bare(number(value, digits, signed));

export const tone = value => (known(value) && value > 0 ? "win" : known(value) && value < 0 ? "loss" : "");

export const duration = (seconds, signed = false) => {
  if (!known(seconds)) return MISSING;
  const length = Math.abs(seconds);
  for (const [unit, size, digits] of [["d", 86400, 1], ["h", 3600, 1], ["min", 60, 0]]) {
    if (length >= 2 * size || (unit !== "d" && length >= size)) return t(`unit.${unit}`, { n: number(seconds / size, digits, signed) });
  }
  return t("unit.s", { n: number(seconds, 0, signed) });
};

const month = index => t(`month.${MONTHS[index]}`);
export const monthOf = seconds => month(new Date(seconds * 1000).getUTCMonth());
export const day = seconds => {
  const d = new Date(seconds * 1000);
  return `${d.getUTCDate()} ${month(d.getUTCMonth())} ${d.getUTCFullYear()}`;
};
export const clock = seconds => {
  const d = new Date(seconds * 1000);
  return `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}`;
};
/** A moment below a heading that names the time zone, and one that names it itself. */
export const at = seconds => t("moment", { day: day(seconds), clock: clock(seconds) });
export const moment = seconds => t("moment.utc", { at: at(seconds) });
/** A heading with its unit: 'Net, USDT'; without one where none is known. */
export const inUnit = (what, unit) => (unit ? t("head.in", { what, unit }) : what);
export const UTC = "UTC";
export const ofIso = text => (text ? day(Date.parse(text) / 1000) : MISSING);
/** A tick's label comes with an English month; it is shown with the language's own. */
export const tick = label => {
  const own = label.replace(/[A-Z][a-z]{2}/, name => month(MONTHS.indexOf(name.toLowerCase())));
  return current() === "ar" && own !== label ? `\u2067${own}\u2069` : own;
};
