// The page as a whole: language, theme, keys, which page is shown, and the look at the nodes every two seconds.
import { get } from "./api.js";
import { h } from "./dom.js";
import { experiments } from "./page_experiments.js";
import { live } from "./page_live.js";
import { compare, run, runs } from "./page_runs.js";
import { trade } from "./page_trade.js";
import { notice } from "./parts.js";
import { heard, openStop } from "./stop.js";
import { current, load, t } from "./texts.js";

const LOOK_MS = 2_000;
const PAGES = { live, runs, run, compare, trade, experiments };
const OWNERS = { run: () => "runs", compare: () => "runs", trade: query => ((query.get("source") || "").startsWith("node:") ? "live" : "runs") };
const THEMES = ["auto", "light", "dark"];
const main = document.querySelector("#main"), offline = document.querySelector("#offline");
const languageButton = document.querySelector("#language"), themeButton = document.querySelector("#theme");
let leave = () => {}, entitle = () => {}, shown = 0, ear, last;

const listen = hear => { ear = hear; if (last) hear(last); return () => { ear = undefined; }; };
const look = async () => {
  try {
    last = await get("/api/live");
    offline.hidden = true;
    heard(last.switches);
    if (ear) { await ear(last); entitle(); }
  } catch (error) {
    offline.textContent = error.message;
    offline.hidden = false;
  }
};
const looking = async () => {
  if (!document.hidden) await look();
  setTimeout(looking, LOOK_MS);
};

const show = async () => {
  const [path, search] = location.hash.replace(/^#\//, "").split("?"), name = PAGES[path] ? path : "live", number = ++shown;
  const query = new URLSearchParams(search), owner = OWNERS[name] ? OWNERS[name](query) : name;
  leave();
  leave = () => {};
  for (const link of document.querySelectorAll("nav [data-page]")) {
    if (link.dataset.page === owner) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
  }
  entitle = () => {
    const heading = main.querySelector("h1"), page = t(`nav.${owner}`);
    document.title = [...new Set([heading && heading.textContent.trim(), page, "SageTrade"])].filter(Boolean).join(" · ");
  };
  const place = h("div", {}, h("p", { class: "note", role: "status" }, t("loading")));  // its own, so that a late answer shows nowhere
  main.replaceChildren(place);
  try {
    const gone = await PAGES[name](place, query, listen);
    if (number === shown) leave = gone || leave; else if (gone) gone();
  } catch (error) {
    place.replaceChildren(h("section", { class: "first" }, notice(t("page.failed"), h("p", {}, error.message))));
  }
  if (number === shown) entitle();
  document.body.dataset.shown = name;
};

const labelThemes = () => {
  const theme = localStorage.getItem("theme") || "auto";
  themeButton.replaceChildren("◐", h("span", { class: "long" }, ` ${t(`theme.${theme}`)}`));
  themeButton.setAttribute("aria-label", t("theme.label", { now: t(`theme.${theme}`) }));
};
const turnTheme = () => {
  const next = THEMES[(THEMES.indexOf(localStorage.getItem("theme") || "auto") + 1) % THEMES.length];
  localStorage.setItem("theme", next);
  if (next === "auto") delete document.documentElement.dataset.theme; else document.documentElement.dataset.theme = next;
  labelThemes();
  document.dispatchEvent(new Event("themed"));
};
const speak = async language => {
  await load(language);
  const other = language === "ar" ? "en" : "ar";
  languageButton.textContent = t(`language.${other}`);
  languageButton.lang = other;
  labelThemes();
};

const KEYS = { 1: "#/live", 2: "#/runs", 3: "#/experiments" };
document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea") || document.querySelector("dialog[open]")) return;
  if (KEYS[event.key]) location.hash = KEYS[event.key];
  if (event.key === "s") { event.preventDefault(); openStop(); }
});
document.querySelector("#stop").addEventListener("click", openStop);
themeButton.addEventListener("click", turnTheme);
languageButton.addEventListener("click", async () => {
  const next = current() === "ar" ? "en" : "ar";
  localStorage.setItem("language", next);
  await speak(next);
  show();
});
addEventListener("hashchange", () => { scrollTo(0, 0); show(); });
document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });

await speak(current());
await Promise.all([show(), looking()]);
