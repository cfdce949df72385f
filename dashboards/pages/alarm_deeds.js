// What can be done about an alarm: take it on, note, assign, silence, and say whether it was useful.

import { ask, announce, onSubmit, post } from "../shared/api.js";
import { h } from "../shared/dom.js";
import { duration } from "../shared/format.js";
import { serverNow } from "../shared/stream.js";
import { _ } from "../shared/words.js";
import { ACKNOWLEDGED_MIN } from "../elements/alert_order.js";

/** @typedef {import("./alarm_words.js").Alert} Alert */

/**
 * Return the forms of what can be done.
 * @param {Alert} alert
 * @param {string} me name of who does it
 * @param {() => void} again shows the alarm anew
 */
export function deeds(alert, me, again) {
  const path = `/v1/alerts/${encodeURIComponent(alert.id)}`;
  const isOver = alert.state === "resolved";
  /**
   * @param {string} title
   * @param {(Node | null)[]} fields
   * @param {string} button
   * @param {(values: FormData) => Promise<unknown>} send
   * @param {string} [id]
   */
  const part = (title, fields, button, send, id) => {
    const form = /** @type {HTMLFormElement} */ (h("form", {}, h("div", { class: "answer", role: "alert" }), fields, h("button", { class: "button" }, button)));
    onSubmit(form, async (values) => {
      await send(values);
      form.reset();
      announce(_("Done."));
      setTimeout(again, 0);
      return _("Done.");
    });
    return h("details", { class: "deed", id }, h("summary", {}, title), form);
  };
  const minutes = h("select", { id: "d-minutes", name: "minutes" }, [15, 30, 60, 120, 240].map((n) => h("option", { value: n, selected: n === ACKNOWLEDGED_MIN }, duration(60 * n))));
  const hours = h("select", { id: "d-hours", name: "hours" }, [1, 2, 4, 8, 12].map((n) => h("option", { value: n, selected: n === 2 }, duration(3600 * n))));
  return h("div", { class: "deeds not-printed" },
    isOver || alert.state !== "firing" ? null : part(_("Take on"), [
      field("d-minutes", _("For"), minutes),
      field("d-note", _("Note (may stay empty)"), h("input", { id: "d-note", name: "note", maxlength: 2000 })),
    ], _("Take on"), (values) => post(`${path}/acknowledge`, { minutes: Number(values.get("minutes")), note: String(values.get("note") ?? "") })),
    alert.acknowledged ? part(_("Give back"), [], _("Give back"), () => ask("DELETE", `${path}/acknowledge`)) : null,
    part(_("Note"), [field("d-text", _("Note"), h("textarea", { id: "d-text", name: "text", rows: 3, maxlength: 2000, required: true }))], _("Add the note"),
      (values) => post(`${path}/notes`, { text: String(values.get("text")) }), "note-deed"),
    isOver ? null : part(_("Assign"), [
      field("d-user", _("Account (empty: nobody)"), h("input", { id: "d-user", name: "user", value: me, maxlength: 64, autocomplete: "off" })),
    ], _("Assign"), (values) => post(`${path}/assign`, { user: String(values.get("user") ?? "").trim() || null })),
    isOver ? null : part(_("Silence"), [
      field("d-scope", _("Scope"), h("select", { id: "d-scope", name: "scope" }, scopes(alert).map(([value, text]) => h("option", { value }, text)))),
      field("d-hours", _("For"), hours),
      field("d-reason", _("Reason"), h("input", { id: "d-reason", name: "reason", maxlength: 2000, required: true })),
    ], _("Silence"), (values) => post("/v1/silences", {
      matchers: JSON.parse(String(values.get("scope"))),
      reason: String(values.get("reason")),
      until: new Date(serverNow() + 3600e3 * Number(values.get("hours"))).toISOString().replace(/\.\d+Z$/, "Z"),
    })),
    alert.fired_at === null ? null : part(_("Was this useful?"), usefulness(alert), _("Note it"),
      (values) => post(`${path}/usefulness`, { useful: { yes: true, no: false }[String(values.get("useful"))] ?? null, note: String(values.get("why") ?? "") }), "useful-deed"),
    alert.silence ? part(_("End the silence"), [], _("End the silence"), () => ask("DELETE", `/v1/silences/${encodeURIComponent(alert.silence.id)}`)) : null,
  );
}

/** @param {string} id @param {string} label @param {Node} control */
const field = (id, label, control) => h("div", { class: "field" }, h("label", { for: id }, label), control);

/**
 * Return what can be kept quiet: this one alone, its rule at its gate, everything at its gate.
 * @param {Alert} alert
 * @returns {[string, string][]}
 */
function scopes(alert) {
  const quoted = (/** @type {string} */ name, /** @type {string} */ value) => `${name}="${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
  /** @type {[string, string][]} */
  const found = [[JSON.stringify(Object.entries(alert.labels).map(([name, value]) => quoted(name, String(value)))), _("this alarm only")]];
  if (alert.gate && alert.labels.alertname) {
    found.push([JSON.stringify([quoted("alertname", alert.labels.alertname), quoted("gate", alert.gate)]), _("this rule at this gate")]);
    found.push([JSON.stringify([quoted("gate", alert.gate)]), _("every alarm of this gate")]);
  }
  return found;
}

/** @param {Alert} alert */
function usefulness(alert) {
  const said = alert.usefulness?.useful;
  const choices = /** @type {[string, string, boolean][]} */ ([["yes", _("Yes, it was needed"), said === true], ["no", _("No, nobody needed it"), said === false]]);
  if (alert.usefulness) choices.push(["back", _("Take back what was said"), false]);
  return [
    h("fieldset", {}, h("legend", {}, _("Thresholds of a rule that is seldom useful are looked at again")),
      choices.map(([value, text, checked]) => h("div", {}, h("label", { class: "choose" }, h("input", { type: "radio", name: "useful", value, required: true, checked }), " ", text)))),
    field("d-why", _("Why (may stay empty)"), h("input", { id: "d-why", name: "why", maxlength: 2000 })),
  ];
}
