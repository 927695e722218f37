// Making elements. Text is only ever set as text: nothing here can make markup of what others wrote.
const SVG = "http://www.w3.org/2000/svg";

const fill = (node, attributes, children) => {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "share") node.style.setProperty("--share", value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat(3).filter(child => child !== undefined && child !== null && child !== false));
  return node;
};

export const h = (name, attributes = {}, ...children) => fill(document.createElement(name), attributes, children);
export const svg = (name, attributes = {}, ...children) => fill(document.createElementNS(SVG, name), attributes, children);

/** A link to another's page: only http and https, in a window of its own that knows nothing of us. */
export const outward = (address, text) => {
  let known;
  try { known = new URL(address); } catch { return h("span", {}, text); }
  if (known.protocol !== "https:" && known.protocol !== "http:") return h("span", {}, text);
  return h("a", { href: known.href, target: "_blank", rel: "noopener noreferrer nofollow", dir: "auto" }, text);
};

const shown = new WeakMap();
/** Show `value` in `place` by `build`, unless it shows that already or somebody's focus is inside. */
export const refresh = (place, value, build) => {
  const said = JSON.stringify(value);
  if (shown.get(place) === said || (place.childElementCount && place.contains(document.activeElement))) return;
  shown.set(place, said);
  place.replaceChildren(...[build(value)].flat(3).filter(Boolean));
};
