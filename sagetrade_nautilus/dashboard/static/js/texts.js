// The catalogue of texts: every word of ours stands in texts/en.json and texts/ar.json, under the same keys.
let texts = {};
let language = document.documentElement.lang;

export const current = () => language;

export const load = async wanted => {
  const reply = await fetch(`/static/texts/${wanted}.json`);
  texts = await reply.json();
  language = wanted;
  document.documentElement.lang = wanted;
  document.documentElement.dir = wanted === "ar" ? "rtl" : "ltr";
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = t(node.dataset.text);
  for (const node of document.querySelectorAll("[data-label]")) node.setAttribute("aria-label", t(node.dataset.label));
};

/** The text of a key, with {names} put in. */
export const t = (key, values = {}) => {
  const text = texts[key];
  if (text === undefined) return key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
};

/** A name that the program made ('stop_loss'): its text if there is one, else the name with spaces. */
export const word = (kind, name) => texts[`${kind}.${name}`] ?? String(name).replaceAll("_", " ");
