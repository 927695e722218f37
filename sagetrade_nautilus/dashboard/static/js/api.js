// Asking the server. A failure is an `Error` whose message is a text of ours, never a blank page.
import { t } from "./texts.js";

let formToken = "";

const failed = async reply => {
  let said = {};
  try { said = await reply.json(); } catch { /* no words of ours */ }
  const error = new Error(t(`error.${said.error || "failed"}`) + (said.detail ? ` ${said.detail}` : ""));
  error.status = reply.status;
  return error;
};
const asked = async (path, options) => {
  let reply;
  try { reply = await fetch(path, options); } catch { throw new Error(t("offline")); }
  if (!reply.ok) throw await failed(reply);
  return reply.json();
};

/** Values that are not given are left out; of a list each is sent. */
export const get = (path, values = {}) => {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) {
    for (const one of [value].flat()) if (one !== undefined && one !== null) query.append(key, one);
  }
  return asked(`${path}?${query}`, { headers: { Accept: "application/json" } });
};

export const post = async (path, body) => {
  if (!formToken) formToken = (await get("/api/start")).form_token;
  return asked(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-SageTrade-Token": formToken },
    body: JSON.stringify(body),
  });
};
