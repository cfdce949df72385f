// What is said of an alarm: where, how much, since when, who has it, who was told.

import { age, clock, directionWord, duration, moment, number, percent, unit } from "../shared/format.js";
import { dataOf } from "../shared/dom.js";
import { _ } from "../shared/words.js";

/** @typedef {any} Alert as /v1/alerts tells it */

const UNITS = ["veh", "veh/h", "veh/day", "days", "h", "min", "s", "t"];
/** @type {Record<string, string>} */
const gates = dataOf("gates");

/** @param {Alert} alert */
export function place(alert) {
  const parts = [alert.gate ? (gates[alert.gate] ?? alert.gate) : alert.labels.about === "service" ? _("The monitor") : _("Whole province")];
  if (alert.direction) parts.push(directionWord(alert.direction));
  return parts.join(" · ");
}

/** @param {string} who */
export const nameOf = (who) => who.split(":").pop() ?? who;

/** @param {Alert} alert */
export function figures(alert) {
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
export function owner(alert) {
  const parts = [];
  if (alert.acknowledged) {
    parts.push(_("{name} has it until {at}", { name: nameOf(alert.acknowledged.by), at: clock(alert.acknowledged.until) }));
  } else if (alert.state !== "resolved") parts.push(_("nobody has taken it"));
  if (alert.assigned_to) parts.push(_("given to {name}", { name: alert.assigned_to }));
  return parts.join("; ");
}

/** @param {Alert} alert */
export function deliveries(alert) {
  const d = alert.deliveries;
  if (!d || d.waiting + d.sent + d.failed === 0) {
    const wasTold = alert.timeline?.some((/** @type {{ kind: string }} */ line) => line.kind === "told" || line.kind === "escalated");
    return wasTold ? _("told; the messages are no longer kept") : _("told to nobody");
  }
  const parts = [_("{n} sent", { n: number(d.sent) })];
  if (d.waiting) parts.push(_("{n} waiting", { n: number(d.waiting) }));
  if (d.failed) parts.push(_("{n} failed", { n: number(d.failed) }));
  return parts.join(", ");
}

/** @param {Alert} alert @param {number} now */
export function timing(alert, now) {
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
