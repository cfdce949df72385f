// S3, the alarms: the list follows the stream; taking one on is one tap, everything else two.

import { levelMark } from "../elements/level.js";
import { announce, ask, get, onSubmit, post, told } from "../shared/api.js";
import { byId, dataOf, fill, h, say } from "../shared/dom.js";
import { age, clock, directionWord, duration, moment, NOT_KNOWN, number, percent, unit } from "../shared/format.js";
import { isTyping } from "../shared/shell.js";
import { listen, serverNow } from "../shared/stream.js";
import { _, pick } from "../shared/words.js";

/** @typedef {any} Alert as /v1/alerts tells it */

const TAKEN_MIN = 60;
const URGENT_EVERY_MS = 10000;
const UNITS = ["veh", "veh/h", "veh/day", "days", "h", "min", "s", "t"];
const ORDER = ["critical", "congested", "busy", "unknown", "clear"];
/** @type {Record<string, string>} */
const gates = dataOf("gates");
const root = /** @type {HTMLElement} */ (document.querySelector(".alarms"));
const mayAct = root.dataset.may === "yes";
const onlyGate = new URLSearchParams(location.search).get("gate");

/** @param {Alert} alert */
function place(alert) {
  const parts = [alert.gate ? (gates[alert.gate] ?? alert.gate) : _("Whole province")];
  if (alert.direction) parts.push(directionWord(alert.direction));
  return parts.join(" · ");
}

/** @param {string} who */
const nameOf = (who) => who.split(":").pop() ?? who;

/** @param {Alert} alert */
function figures(alert) {
  if (alert.value === null) return "";
  if (alert.unit === "share") return withThreshold(percent(alert.value), alert.threshold === null ? null : percent(alert.threshold));
  if (!UNITS.includes(alert.unit)) return ""; // a state, which the sentence tells
  return withThreshold(`${rounded(alert.value)} ${unit(alert.unit)}`, alert.threshold === null ? null : rounded(alert.threshold));
}

/** @param {number} value */
const rounded = (value) => number(value, Math.abs(value) < 10 && value % 1 ? 1 : 0);

/** @param {string} value @param {string | null} threshold */
const withThreshold = (value, threshold) => (threshold === null ? value : _("{value}, threshold {threshold}", { value, threshold }));

/** @param {Alert} alert */
function owner(alert) {
  const parts = [];
  if (alert.acknowledged) {
    parts.push(_("{name} has it until {at}", { name: nameOf(alert.acknowledged.by), at: clock(alert.acknowledged.until) }));
  } else if (alert.state !== "resolved") parts.push(_("nobody has taken it"));
  if (alert.assigned_to) parts.push(_("given to {name}", { name: alert.assigned_to }));
  return parts.join("; ");
}

/** @param {Alert} alert */
function deliveries(alert) {
  const d = alert.deliveries;
  if (!d || d.waiting + d.sent + d.failed === 0) return _("told to nobody");
  const parts = [_("{n} sent", { n: number(d.sent) })];
  if (d.waiting) parts.push(_("{n} waiting", { n: number(d.waiting) }));
  if (d.failed) parts.push(_("{n} failed", { n: number(d.failed) }));
  return parts.join(", ");
}

/** @param {Alert} alert @param {number} now */
function timing(alert, now) {
  if (alert.state === "resolved") return _("from {begins} to {ends}", { begins: moment(alert.fired_at ?? alert.since, now), ends: moment(alert.resolved_at, now) });
  const parts = [_("since {at}, {age}", { at: moment(alert.since, now), age: age((now - Date.parse(alert.since)) / 1000) })];
  if (alert.silence) parts.push(_("silent for {left} more: {reason}", { left: left(alert.silence.until, now), reason: alert.silence.reason }));
  else if (alert.next_escalation_at && !alert.acknowledged) parts.push(_("goes further in {left}", { left: left(alert.next_escalation_at, now) }));
  return parts.join(" · ");
}

/** @param {string} until @param {number} now */
function left(until, now) {
  const seconds = Math.max(0, (Date.parse(until) - now) / 1000);
  if (seconds >= 3600) return duration(seconds);
  return `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}

class Row {
  /** @param {Alert} alert */
  constructor(alert) {
    this.alert = alert;
    this.level = h("span", {});
    this.place = h("strong", {});
    this.sentence = h("span", { class: "sentence" });
    this.timing = h("span", { class: "muted small timing" });
    this.facts = h("span", { class: "small" });
    this.owner = h("span", { class: "small owner" });
    this.take = mayAct ? h("button", { type: "button", class: "button main", onclick: () => void take(this.alert) }, _("Take on")) : null;
    this.open = h("a", { class: "button", href: `#${alert.id}` }, _("Detail"));
    this.element = h("li", { class: "alarm", "data-id": alert.id },
      h("div", { class: "what" }, h("div", { class: "row" }, this.level, this.place), this.sentence, h("div", { class: "row about" }, this.owner, this.timing, this.facts)),
      h("div", { class: "do" }, this.take, this.open));
    this.shown = "";
  }

  /** @param {Alert} alert @param {number} now */
  show(alert, now) {
    this.alert = alert;
    if (this.shown !== alert.level + alert.state) {
      this.shown = alert.level + alert.state;
      this.element.dataset.level = alert.level;
      fill(this.level, levelMark(alert.level));
    }
    say(this.place, place(alert));
    say(this.sentence, pick(alert.sentence));
    say(this.facts, [figures(alert), alert.state === "resolved" ? "" : deliveries(alert)].filter((text) => text).join(" · "));
    this.tick(now);
    say(this.owner, owner(alert));
    this.owner.classList.toggle("strong", !alert.acknowledged && alert.state !== "resolved");
    this.take?.toggleAttribute("hidden", Boolean(alert.acknowledged) || alert.state !== "firing");
    this.open.setAttribute("aria-label", `${_("Detail")}: ${place(alert)}`);
    this.take?.setAttribute("aria-label", `${_("Take on")}: ${place(alert)}`);
  }

  /** @param {number} now */
  tick(now) {
    say(this.timing, timing(this.alert, now));
  }
}

/** @type {Map<string, Row>} */
const rows = new Map();
/** @type {Alert[]} */
let alerts = [];

/** @param {Alert} a @param {Alert} b */
function byUrgency(a, b) {
  return (
    ORDER.indexOf(a.level) - ORDER.indexOf(b.level) ||
    Number(Boolean(a.acknowledged)) - Number(Boolean(b.acknowledged)) ||
    Date.parse(a.fired_at ?? a.since) - Date.parse(b.fired_at ?? b.since)
  );
}

/**
 * Put alerts into a list, in their order; the one in focus keeps it.
 * @param {string} id
 * @param {Alert[]} found
 * @param {string} nothing
 */
function list(id, found, nothing) {
  const now = serverNow();
  const box = byId(id);
  if (!found.length) {
    if (!box.querySelector(".state")) fill(box, h("div", { class: "state" }, h("strong", {}, nothing)));
    return;
  }
  const elements = found.map((alert) => {
    let row = rows.get(alert.id);
    if (!row) rows.set(alert.id, (row = new Row(alert)));
    row.show(alert, now);
    return row.element;
  });
  const before = box.querySelectorAll(".alarm");
  if (before.length === elements.length && elements.every((element, n) => element === before[n])) return;
  const focused = /** @type {HTMLElement | null} */ (document.activeElement);
  fill(box, h("ul", { class: "plain" }, elements));
  if (focused && box.contains(focused)) focused.focus();
}

/** @param {{ alerts: Alert[], doubts: any[], at: string | null }} told_ */
function show({ alerts: all, doubts, at }) {
  alerts = all.filter((alert) => alert.rule !== "watchdog" && (!onlyGate || alert.gate === onlyGate));
  const fires = alerts.filter((alert) => alert.state === "firing" || alert.state === "recovering");
  const active = fires.filter((alert) => !alert.silence && !alert.inhibited_by).sort(byUrgency);
  const silenced = fires.filter((alert) => alert.silence).sort(byUrgency);
  const waiting = alerts.filter((alert) => !active.includes(alert) && !silenced.includes(alert)).sort(byUrgency);
  list("active", active, _("Nothing is wrong that anybody must look at"));
  list("silenced", silenced, "");
  list("waiting", waiting, "");
  byId("silenced-panel").hidden = !silenced.length;
  byId("waiting-panel").hidden = !waiting.length;
  say(byId("active-n"), active.length ? `(${number(active.length)})` : "");
  say(byId("waiting-n"), `(${number(waiting.length)})`);
  say(byId("evaluated"), at ? _("judged at {at}", { at: clock(at) }) : _("not judged yet"));
  byId("doubts-panel").hidden = !doubts.length;
  say(byId("doubts-n"), `(${number(doubts.length)})`);
  /** @type {Map<string, string[]>} */
  const doubted = new Map();
  for (const doubt of doubts) doubted.set(doubt.rule, [...(doubted.get(doubt.rule) ?? []), place(doubt)]);
  fill(byId("doubts"), [...doubted].map(([rule, places]) => h("li", {}, h("strong", {}, rule), ": ", [...new Set(places)].join("; "))));
  speak(active);
  if (shownId && !busy) {
    const known = alerts.find((alert) => alert.id === shownId);
    if (known && fingerprint(known) !== shownAs) void openDetail(shownId, false);
  }
}

// Who listens hears each alarm once: what is critical at once but not more than one in ten seconds, the others politely.

/** @type {Set<string>} */
const spoken = new Set();
/** @type {string[]} */
const urgent = [];
let isFirst = true;
let urgentAt = -URGENT_EVERY_MS;

/** @param {Alert[]} active */
function speak(active) {
  for (const alert of active) {
    if (spoken.has(alert.id + alert.level)) continue;
    spoken.add(alert.id + alert.level);
    if (isFirst || alert.acknowledged) continue;
    const text = `${place(alert)}: ${pick(alert.sentence)}`;
    if (alert.level === "critical") urgent.push(text);
    else announce(text);
  }
  isFirst = false;
  sayUrgent();
}

function sayUrgent() {
  if (!urgent.length || performance.now() - urgentAt < URGENT_EVERY_MS) return;
  urgentAt = performance.now();
  announce(urgent.length > 1 ? _("{n} critical alarms; the last: {text}", { n: number(urgent.length), text: urgent[urgent.length - 1] }) : urgent[0], true);
  urgent.length = 0;
}

/** @param {Alert} alert */
async function take(alert) {
  const answer = byId("active-answer");
  try {
    await post(`/v1/alerts/${encodeURIComponent(alert.id)}/acknowledge`, { minutes: TAKEN_MIN, note: "" });
    fill(answer, null);
    announce(_("You have it for an hour."));
  } catch (error) {
    fill(answer, told(error));
  }
}

// The alarm that is looked at.

/** @type {string | null} */
let shownId = null;
let shownAs = "";
let busy = false;

/** @param {Alert} alert */
const fingerprint = (alert) => JSON.stringify([alert.level, alert.state, alert.acknowledged, alert.assigned_to, alert.silence, alert.n_notes, alert.deliveries]);

/** @param {string} id @param {boolean} isAsked whether a person asked for it */
async function openDetail(id, isAsked) {
  const box = byId("detail");
  if (!isAsked && box.contains(document.activeElement) && isWriting(box)) return; // what is being written stays
  shownId = id;
  busy = true;
  try {
    const alert = await get(`/v1/alerts/${encodeURIComponent(id)}`);
    if (shownId !== id) return;
    shownAs = fingerprint(alert);
    fill(box, detail(alert));
  } catch (error) {
    fill(box, told(error));
  } finally {
    busy = false;
  }
  for (const row of rows.values()) row.element.toggleAttribute("data-chosen", row.alert.id === id);
  if (isAsked) {
    box.focus({ preventScroll: true });
    box.scrollIntoView({ block: "nearest" });
  }
}

/** @param {HTMLElement} box */
function isWriting(box) {
  return [...box.querySelectorAll("input, textarea")].some((field) => /** @type {HTMLInputElement} */ (field).value !== /** @type {HTMLInputElement} */ (field).defaultValue);
}

/** @param {Alert} alert @returns {Node[]} */
function detail(alert) {
  const now = serverNow();
  const facts = /** @type {[string, string | Node][]} */ ([
    [_("Level"), h("span", {}, levelMark(alert.level), alert.level_before ? ` ← ${levelMark(alert.level_before).textContent}` : "")],
    [_("Value"), figures(alert) || NOT_KNOWN],
    [_("Since"), timing(alert, now)],
    [_("Owner"), owner(alert) || NOT_KNOWN],
    [_("Messages"), deliveries(alert)],
    [_("Rule"), alert.rule],
  ]);
  if (alert.inhibited_by) facts.push([_("Explained by"), Object.entries(alert.inhibited_by).map(([name, value]) => `${name} ${value}`).join(", ")]);
  const parts = [
    h("h2", {}, place(alert)),
    h("p", { class: "strong" }, pick(alert.sentence)),
    h("dl", { class: "facts wide" }, facts.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
    alert.gate ? h("p", {}, h("a", { href: `/g/${encodeURIComponent(alert.gate)}?at=${encodeURIComponent(alert.fired_at ?? alert.since)}` }, _("The gate at that time"))) : null,
    h("h3", {}, _("What to do")),
    h("p", { class: "words" }, pick(alert.runbook)),
    mayAct ? deeds(alert) : null,
    h("h3", {}, _("Timeline")),
    h("ol", { class: "timeline" }, alert.timeline.map((/** @type {any} */ entry) => h("li", {}, h("time", {}, moment(entry.at, now)),
      h("span", {}, h("strong", {}, kindWord(entry.kind)), entry.by ? ` ${nameOf(entry.by)}` : "", entry.level ? [" ", levelMark(entry.level)] : null,
        entry.text && entry.kind !== "level" ? ` – ${entry.text}` : "", entry.sentence ? h("span", { class: "muted small block" }, pick(entry.sentence)) : null)))),
    alert.messages?.length ? h("h3", {}, _("Messages")) : null,
    alert.messages?.length
      ? h("ul", {}, alert.messages.map((/** @type {any} */ m) => h("li", {}, `${m.destination} (${m.channel}): ${messageWord(m.state)} ${clock(m.settled_at ?? m.made_at)}`,
          m.tries.some((/** @type {any} */ t) => t.result !== "sent") ? h("span", { class: "muted small block", lang: "en" }, m.tries[m.tries.length - 1].said) : null)))
      : null,
  ];
  return /** @type {Node[]} */ (parts.filter((part) => part !== null));
}

/** @param {string} kind */
function kindWord(kind) {
  /** @type {Record<string, string>} */
  const known = {
    pending: _("seen"), firing: _("fires"), recovering: _("recovering"), resolved: _("ended"), level: _("level changed"),
    told: _("told"), escalated: _("went further"), acknowledged: _("taken on by"), given_back: _("given back by"), note: _("note by"),
    assigned: _("assigned by"), silenced: _("silenced by"), silence_ended: _("silence ended"), inactive: _("gone before it fired"),
  };
  return known[kind] ?? kind;
}

/** @param {string} state */
function messageWord(state) {
  /** @type {Record<string, string>} */
  const known = { waiting: _("waiting"), sent: _("sent"), dead: _("given up") };
  return known[state] ?? state;
}

/** @param {Alert} alert */
function deeds(alert) {
  const path = `/v1/alerts/${encodeURIComponent(alert.id)}`;
  const isOver = alert.state === "resolved";
  const again = () => openDetail(alert.id, false);
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
      setTimeout(() => void again(), 0);
      return _("Done.");
    });
    return h("details", { class: "deed", id }, h("summary", {}, title), form);
  };
  const minutes = h("select", { id: "d-minutes", name: "minutes" }, [15, 30, 60, 120, 240].map((n) => h("option", { value: n, selected: n === TAKEN_MIN }, duration(60 * n))));
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
      field("d-user", _("Account (empty: nobody)"), h("input", { id: "d-user", name: "user", value: root.dataset.name ?? "", maxlength: 64, autocomplete: "off" })),
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

async function recent() {
  try {
    const { alerts: ended } = await get("/v1/alerts?state=recent");
    list("recent", ended.filter((/** @type {Alert} */ a) => a.rule !== "watchdog" && (!onlyGate || a.gate === onlyGate)).slice(0, 100), _("None ended"));
  } catch (error) {
    fill(byId("recent"), told(error));
  }
}

function follow() {
  const id = decodeURIComponent(location.hash.slice(1));
  if (id) void openDetail(id, true);
}

document.addEventListener("keydown", (event) => {
  if (isTyping(event) || document.querySelector("dialog[open]")) return;
  const focused = document.activeElement?.closest("[data-id]");
  const shown = [...document.querySelectorAll("#active .alarm")];
  if (event.key === "a" && mayAct) {
    const chosen = focused ? rows.get(/** @type {HTMLElement} */ (focused).dataset.id ?? "")?.alert : alerts.filter((a) => a.state === "firing" && !a.acknowledged && !a.silence && !a.inhibited_by).sort(byUrgency)[0];
    if (chosen && !chosen.acknowledged) void take(chosen);
    event.preventDefault();
  } else if (event.key === "n" && mayAct) {
    const id = focused ? /** @type {HTMLElement} */ (focused).dataset.id : (shownId ?? /** @type {HTMLElement | undefined} */ (shown[0])?.dataset.id);
    if (id) {
      void openDetail(id, true).then(() => {
        document.getElementById("note-deed")?.setAttribute("open", "");
        document.getElementById("d-text")?.focus();
      });
    }
    event.preventDefault();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (!focused) return;
    const next = shown[shown.indexOf(focused) + (event.key === "ArrowDown" ? 1 : -1)];
    /** @type {HTMLElement | null | undefined} */ (next?.querySelector("a.button"))?.focus();
    event.preventDefault();
  }
});
window.addEventListener("hashchange", follow);
setInterval(() => {
  const now = serverNow();
  for (const row of rows.values()) if (row.element.isConnected && row.alert.state !== "resolved") row.tick(now);
  sayUrgent();
}, 1000);

show(dataOf("alerts"));
listen("alerts", (found) => {
  const ended = alerts.some((alert) => !found.alerts.some((/** @type {Alert} */ other) => other.id === alert.id));
  show(found);
  if (ended) void recent();
});
void recent();
follow();
