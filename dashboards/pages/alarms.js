// S3, the alarms: the list follows the stream; taking one on is one tap, everything else two.

import { ACKNOWLEDGED_MIN, byUrgency, degreeWord } from "../elements/alert_order.js";
import { onKey } from "../elements/key_sheet.js";
import { levelMark } from "../elements/level.js";
import { announce, get, post, told } from "../shared/api.js";
import { byId, dataOf, fill, h, say } from "../shared/dom.js";
import { clock, number } from "../shared/format.js";
import { listen, serverNow } from "../shared/stream.js";
import { isTyping } from "../shared/typing.js";
import { _, languageOf, pick } from "../shared/words.js";
import { detail } from "./alarm_detail.js";
import { deliveries, figures, owner, place, timing } from "./alarm_words.js";

/** @typedef {import("./alarm_words.js").Alert} Alert */

const root = /** @type {HTMLElement} */ (document.querySelector(".alarms"));
/** @type {Record<string, string>} */
const titles = dataOf("titles");
const mayAct = root.dataset.may === "yes";
const onlyGate = new URLSearchParams(location.search).get("gate");

class Row {
  /** @param {Alert} alert */
  constructor(alert) {
    this.alert = alert;
    this.level = h("span", {});
    this.place = h("strong", {});
    this.sentence = h("span", { class: "sentence", lang: languageOf(alert.sentence) });
    this.timing = h("span", { class: "muted small timing" });
    this.facts = h("span", { class: "small" });
    this.owner = h("span", { class: "small owner" });
    this.take = mayAct ? h("button", { type: "button", class: "button", onclick: () => void take(this.alert) }, _("Take on")) : null;
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
      this.take?.classList.toggle("main", alert.level === "critical"); // one colour, for what cannot wait
      fill(this.level, levelMark(alert.level, degreeWord(alert, alert.level)));
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
  fill(byId("doubts"), [...doubted].map(([rule, places]) => h("li", {}, h("strong", {}, titles[rule] ?? rule), ": ", [...new Set(places)].join("; "))));
  if (shownId && !busy) {
    const known = alerts.find((alert) => alert.id === shownId);
    if (known && fingerprint(known) !== shownAs) void openDetail(shownId, false);
  }
}

/** @param {Alert} alert */
async function take(alert) {
  const answer = byId("active-answer");
  try {
    await post(`/v1/alerts/${encodeURIComponent(alert.id)}/acknowledge`, { minutes: ACKNOWLEDGED_MIN, note: "" });
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
    fill(box, detail(alert, mayAct ? (root.dataset.name ?? "") : null, () => void openDetail(id, false)));
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

/** Return the alarm in focus. */
const inFocus = () => rows.get(/** @type {HTMLElement | null | undefined} */ (document.activeElement?.closest("[data-id]"))?.dataset.id ?? "");

if (mayAct) {
  onKey("a", () => {
    const chosen = inFocus();
    if (chosen) {
      if (!chosen.alert.acknowledged && chosen.alert.state === "firing") void take(chosen.alert);
    } else {
      const first = alerts.filter((a) => a.state === "firing" && !a.acknowledged && !a.silence && !a.inhibited_by).sort(byUrgency)[0];
      rows.get(first?.id)?.take?.focus();
    }
  });
  onKey("n", () => {
    const id = inFocus()?.alert.id ?? shownId ?? /** @type {HTMLElement | null} */ (document.querySelector("#active .alarm"))?.dataset.id;
    if (!id) return;
    void openDetail(id, true).then(() => {
      document.getElementById("note-deed")?.setAttribute("open", "");
      document.getElementById("d-text")?.focus();
    });
  });
}
document.addEventListener("keydown", (event) => {
  const chosen = inFocus();
  if (!chosen || isTyping(event) || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
  const shown = [...document.querySelectorAll("#active .alarm")];
  const next = shown[shown.indexOf(chosen.element) + (event.key === "ArrowDown" ? 1 : -1)];
  /** @type {HTMLElement | null | undefined} */ (next?.querySelector("a.button"))?.focus();
  event.preventDefault();
});
window.addEventListener("hashchange", follow);
setInterval(() => {
  const now = serverNow();
  for (const row of rows.values()) if (row.element.isConnected && row.alert.state !== "resolved") row.tick(now);
}, 1000);

show(dataOf("alerts"));
listen("alerts", (found) => {
  const ended = alerts.some((alert) => !found.alerts.some((/** @type {Alert} */ other) => other.id === alert.id));
  show(found);
  if (ended) void recent();
});
void recent();
follow();
