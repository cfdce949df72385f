// What a rule with other settings would have told over past days, beside what it tells as it is.

import { levelMark } from "../elements/level.js";
import { stacked } from "../elements/stacked.js";
import { dataOf, h } from "../shared/dom.js";
import { directionWord, duration, moment, NOT_KNOWN, number, unit } from "../shared/format.js";
import { serverNow } from "../shared/stream.js";
import { _ } from "../shared/words.js";

/**
 * @typedef {object} Firing
 * @property {string | null} gate
 * @property {string | null} direction
 * @property {string | null} about
 * @property {string} fired_at
 * @property {string} level
 * @property {number | null} value
 * @property {string} unit
 * @property {number} lasted_min
 */

const MOST = 200;
/** @type {Record<string, string>} */
const gates = dataOf("gates");

/** @param {Firing} one */
function place(one) {
  const parts = [one.gate ? (gates[one.gate] ?? one.gate) : _("Whole province"), one.direction ? directionWord(one.direction) : "", one.about ?? ""];
  return parts.filter((part) => part).join(" · ");
}

/**
 * Put what fired and what would have fired into rows: the same place and instant are one row.
 * @param {Firing[]} present
 * @param {Firing[]} changed
 * @returns {{ at: string, place: string, present?: Firing, changed?: Firing }[]}
 */
function sideBySide(present, changed) {
  /** @type {Map<string, { at: string, place: string, present?: Firing, changed?: Firing }>} */
  const rows = new Map();
  for (const [which, firings] of /** @type {["present" | "changed", Firing[]][]} */ ([["present", present], ["changed", changed]])) {
    for (const one of firings) {
      const key = `${one.fired_at} ${place(one)}`;
      rows.set(key, { ...(rows.get(key) ?? { at: one.fired_at, place: place(one) }), [which]: one });
    }
  }
  return [...rows.values()].sort((a, b) => Date.parse(b.at) - Date.parse(a.at) || a.place.localeCompare(b.place));
}

/** @param {Firing | undefined} one */
function told(one) {
  if (!one) return h("td", { class: "muted" }, NOT_KNOWN);
  const value = one.value === null ? "" : `${number(one.value, Math.abs(one.value) < 10 ? 1 : 0)} ${unit(one.unit)} · `;
  return h("td", {}, levelMark(one.level), h("span", { class: "muted small block" }, value + _("for {time}", { time: duration(60 * one.lasted_min) })));
}

/**
 * Return the result of a preview.
 * @param {any} result
 * @param {string} title of the rule
 * @param {(key: string) => string} settingWord
 * @returns {Node[]}
 */
export function showPreview(result, title, settingWord) {
  const now = serverNow();
  const rows = sideBySide(result.present.alerts, result.changed.alerts);
  const changes = Object.entries(result.settings).map(([key, value]) => `${settingWord(key)} = ${typeof value === "number" ? number(value, value % 1 ? 2 : 0) : value}`);
  const where = result.gate || result.direction ? place({ ...result, about: null }) : _("everywhere");
  const head = [_("Fired first at"), _("Place"), _("Fired"), _("Would have fired")];
  return [
    h("h3", { tabindex: -1 }, title),
    h("p", {}, `${where}; ${changes.join("; ") || _("nothing changed")}; ${moment(result.begins, now)} – ${moment(result.ends, now)}`),
    h("p", { class: "strong" }, _("{present} fired ({a} a week), {changed} would have fired ({b} a week).", {
      present: number(result.present.n), a: number(result.present.per_week, 1), changed: number(result.changed.n), b: number(result.changed.per_week, 1),
    })),
    ...Object.entries(result.failed).map(([, reason]) => h("p", { class: "problem", lang: "en" }, String(reason))),
    rows.length
      ? h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": _("What fired, and what would have") },
        stacked(h("table", { class: "told" }, h("thead", {}, h("tr", {}, head.map((text) => h("th", { scope: "col" }, text)))),
          h("tbody", {}, rows.slice(0, MOST).map((row) => h("tr", { class: row.present && row.changed ? "" : "differs" }, h("td", {}, moment(row.at, now)), h("th", { scope: "row" }, row.place), told(row.present), told(row.changed)))))))
      : h("div", { class: "state" }, h("strong", {}, _("Neither would have fired in these days"))),
    ...(rows.length > MOST ? [h("p", { class: "muted" }, _("The last {n} of {all} are shown.", { n: number(MOST), all: number(rows.length) }))] : []),
  ];
}
