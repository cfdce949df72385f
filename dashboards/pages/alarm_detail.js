// An alarm in full: what it says, what to do, what happened to it, who was told.

import { degreeWord } from "../elements/alert_order.js";
import { levelMark } from "../elements/level.js";
import { dataOf, h } from "../shared/dom.js";
import { clock, moment, NOT_KNOWN } from "../shared/format.js";
import { serverNow } from "../shared/stream.js";
import { _, languageOf, pick } from "../shared/words.js";
import { deeds } from "./alarm_deeds.js";
import { deliveries, figures, nameOf, owner, place, timing } from "./alarm_words.js";

/** @typedef {import("./alarm_words.js").Alert} Alert */

/** @type {Record<string, string>} */
const titles = dataOf("titles");

/**
 * Return the parts of an alarm in full.
 * @param {Alert} alert
 * @param {string | null} me who may act on it; null: it can only be read
 * @param {() => void} again shows it anew
 * @returns {Node[]}
 */
export function detail(alert, me, again) {
  const now = serverNow();
  const facts = /** @type {[string, string | Node][]} */ ([
    [_("Level"), h("span", {}, levelMark(alert.level, degreeWord(alert, alert.level)), alert.level_before ? ` ← ${degreeWord(alert, alert.level_before)}` : "")],
    [_("Value"), figures(alert) || NOT_KNOWN],
    [_("Since"), timing(alert, now)],
    [_("Owner"), owner(alert) || NOT_KNOWN],
    [_("Messages"), deliveries(alert)],
    [_("Rule"), h("a", { href: `/rules#${encodeURIComponent(alert.rule)}` }, titles[alert.rule] ?? alert.rule)],
  ]);
  if (alert.usefulness) {
    facts.push([_("Useful"), _("{answer}: {name}, {at}", { answer: alert.usefulness.useful ? _("yes") : _("no"), name: nameOf(alert.usefulness.by), at: moment(alert.usefulness.at, now) })]);
  }
  if (alert.inhibited_by) facts.push([_("Explained by"), Object.entries(alert.inhibited_by).map(([name, value]) => `${name} ${value}`).join(", ")]);
  const parts = [
    h("h2", {}, place(alert)),
    h("p", { class: "strong", lang: languageOf(alert.sentence) }, pick(alert.sentence)),
    h("dl", { class: "facts wide" }, facts.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
    alert.gate ? h("p", {}, h("a", { href: `/g/${encodeURIComponent(alert.gate)}?at=${encodeURIComponent(alert.fired_at ?? alert.since)}` }, _("The gate at that time"))) : null,
    h("h3", {}, _("What to do")),
    h("p", { class: "words", lang: languageOf(alert.runbook) }, pick(alert.runbook)),
    me === null ? null : deeds(alert, me, again),
    h("h3", {}, _("Timeline")),
    h("ol", { class: "timeline" }, alert.timeline.map((/** @type {any} */ entry) => h("li", {}, h("time", {}, moment(entry.at, now)),
      h("span", {}, h("strong", {}, kindWord(entry.kind)), entry.by ? ` ${nameOf(entry.by)}` : "", entry.level ? [" ", levelMark(entry.level, degreeWord(alert, entry.level))] : null,
        entry.text && entry.kind !== "level" ? ` – ${said(entry)}` : "", entry.sentence ? h("span", { class: "muted small block", lang: languageOf(entry.sentence) }, pick(entry.sentence)) : null)))),
    alert.messages?.length ? h("h3", {}, _("Messages")) : null,
    alert.messages?.length
      ? h("ul", {}, alert.messages.map((/** @type {any} */ m) => h("li", {}, `${m.destination} (${m.channel}): ${messageWord(m.state)} ${clock(m.settled_at ?? m.made_at)}`,
          m.tries.some((/** @type {any} */ t) => t.result !== "sent") ? h("span", { class: "muted small block", lang: "en" }, m.tries[m.tries.length - 1].said) : null)))
      : null,
  ];
  return /** @type {Node[]} */ (parts.filter((part) => part !== null));
}

/**
 * Return what stands beside a line of the timeline; of a message to whom it went and why, in words.
 * @param {{ kind: string, text: string }} entry
 */
function said(entry) {
  if (entry.kind !== "told" && entry.kind !== "escalated") return entry.text;
  /** @type {Record<string, string>} */
  const reasons = {
    firing: _("new alarm"), level: _("level has risen"), resolved: _("ended"), repeat: _("reminder, it still holds"), escalated: _("nobody has taken it"),
  };
  const cut = entry.text.lastIndexOf(": "), reason = entry.text.slice(cut + 2);
  return cut > 0 && reasons[reason] ? `${entry.text.slice(0, cut)}: ${reasons[reason]}` : entry.text;
}

/** @param {string} kind */
function kindWord(kind) {
  /** @type {Record<string, string>} */
  const known = {
    pending: _("seen"), firing: _("fires"), recovering: _("recovering"), resolved: _("ended"), level: _("level changed"),
    told: _("told"), escalated: _("went further"), acknowledged: _("taken on by"), given_back: _("given back by"), note: _("note by"),
    useful: _("called useful by"), not_useful: _("called useless by"), usefulness_withdrawn: _("word on its use taken back by"),
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
