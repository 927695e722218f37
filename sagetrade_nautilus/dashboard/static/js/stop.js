// The kill switch: one click asks, the second stops. Nothing here can let trade go on.
import { post } from "./api.js";
import { h } from "./dom.js";
import { command, names, notice, state } from "./parts.js";
import { t, word } from "./texts.js";

const LEVELS = ["halted", "reduce_only", "no_entries"];
const dialog = document.querySelector("#stop-dialog");
let switches = [], answers;

/** Hear how the switches stand; an open dialog shows whether the nodes have heard. */
export const heard = found => {
  switches = found;
  if (dialog.open && answers) answers.forEach(show => show());
};

const option = (name, value, label, small, checked) => h("label", { class: "option" },
  h("input", { type: "radio", name, value, checked }), h("span", {}, label, small && h("small", {}, small)));
const close = () => h("button", { type: "button", onclick: () => dialog.close() }, t("stop.close"));
const title = text => h("h2", { id: "stop-title" }, text);

const ask = () => {
  const go = h("button", { type: "submit", class: "danger" }, t("stop.go"));
  const form = h("form", { method: "dialog", onsubmit: event => { event.preventDefault(); stop(new FormData(form), go); } },
    title(t("stop.sure")), h("p", {}, t("stop.about")),
    switches.length > 1 ? h("fieldset", {}, h("legend", {}, t("stop.which")), option("place", "", t("stop.all"), "", true), switches.map(one => option("place", one.place, names(one.place), [word("state", one.state), " · ", word("vital", one.vital)]))) : "",
    h("div", { class: "dialog-buttons" }, go, h("button", { type: "button", onclick: () => dialog.close() }, t("stop.cancel"))),
    h("label", { class: "option" }, h("input", { type: "checkbox", name: "flatten" }), h("span", {}, t("stop.flatten"), h("small", {}, t("stop.flatten_small")))),
    h("details", {}, h("summary", {}, t("stop.more")),
      h("fieldset", {}, h("legend", {}, t("stop.level")), LEVELS.map((level, index) => option("state", level, word("state", level), t(`stop.${level}`), !index))),
      h("label", { class: "field" }, t("stop.reason"), h("input", { name: "reason", maxlength: 500, autocomplete: "off" }))));
  answers = undefined;
  dialog.replaceChildren(form);
  dialog.showModal();
  go.focus();
};

const stop = async (form, go) => {
  go.disabled = true;
  const wanted = switches.filter(one => !form.get("place") || one.place === form.get("place")).map(one => one.place);
  const order = { state: form.get("state"), flatten: form.get("flatten") === "on", reason: form.get("reason") };
  const done = await Promise.allSettled(wanted.map(place => post("/api/stop", { place, ...order })));
  answers = wanted.map((place, index) => answer(place, done[index]));
  dialog.replaceChildren(title(t(done.some(one => one.status === "rejected") ? "stop.failed" : "stop.done")), h("div", { role: "status" }, answers.map(show => show())), close());
  dialog.querySelector("button").focus();
};

/** What became of one stop; calling it again shows what its node has done since. */
const answer = (place, done) => {
  const box = h("div", { class: "answer" });
  return () => {
    const now = switches.find(one => one.place === place);
    const failed = done.status === "rejected" ? done.reason.message : done.value.problem;
    box.replaceChildren(h("h3", {}, names(place)),
      ...(done.status === "rejected" ? [] : [h("p", {}, state(done.value.before), document.documentElement.dir === "rtl" ? " ← " : " → ", state(done.value.after))]),
      failed ? h("p", { class: "loss", role: "alert" }, t("stop.problem"), " ", h("bdi", {}, failed)) : "",
      h("p", {}, now ? nodeSays(now) : ""),
      now ? h("p", {}, t("stop.resume"), " ", command(now.resume)) : "");
    return box;
  };
};

/** In words, what a switch's node has done about it. */
export const nodeSays = one => {
  if (one.vital === "waiting" || one.vital === "stopped") return t("switch.no_node");
  if (one.vital === "stale") return t("switch.stale", { pid: one.pid });
  if (one.state === "running") return t("switch.alive", { pid: one.pid });
  return one.has_heard ? t("switch.heard", { pid: one.pid, cancelled: one.cancelled, closing: one.closing }) : t("switch.waiting", { pid: one.pid });
};

export const openStop = () => {
  if (dialog.open) return;
  if (switches.length) { ask(); return; }
  dialog.replaceChildren(title(t("stop.sure")), notice(t("stop.no_switch"), h("p", {}, t("stop.no_switch_do")), command("sagetool stop --flatten")), close());
  dialog.showModal();
};
