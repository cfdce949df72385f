// What is said of one direction of one gate, alike on every page.

import { BEIJING, clock, moment, NOT_KNOWN, duration } from "../shared/format.js";
import { _ } from "../shared/words.js";

/**
 * One direction of one gate, as /v1/live tells it.
 * @typedef {{ state: string, next_change: string | null, is_unplanned: boolean, is_reported: boolean, reason: string }} Side
 * @typedef {{ value_s: number | null, low_s: number | null, high_s: number | null, crosses_at: string | null, is_today: boolean | null }} Expected
 * @typedef {import("./figure.js").Figure} Figure
 * @typedef {{ yard: string, inside: Figure, places: number | null, fill: number | null }} Yard
 * @typedef {object} Flow
 * @property {string} gate
 * @property {string} direction
 * @property {string} title
 * @property {string} title_vi
 * @property {boolean} is_open
 * @property {Side} own
 * @property {Side} counterpart
 * @property {Figure & { anchor: { at: string, value: number, source: string } | null, drift: number | null }} backlog
 * @property {Figure} days_of_work
 * @property {string} level
 * @property {Figure} cleared_today
 * @property {Figure} arrived_today
 * @property {Figure} rate_15
 * @property {Figure} rate_60
 * @property {Figure} arrival_rate_60
 * @property {Figure & { n_hours: number }} capacity
 * @property {Expected} expected
 * @property {{ p50_s: number | null, p90_s: number | null, n: number, matched: number | null }} actual_wait
 * @property {Record<string, number>} cleared_by_class
 * @property {Yard[]} yards
 * @typedef {{ rev: number, at: string, present: Figure, national_colour: string | null, flows: Flow[] }} Live
 */

/**
 * Return the level to show: a gate that is shut as planned has none, unless it is critical all the same.
 * @param {Flow} flow
 * @returns {string}
 */
export function shownLevel(flow) {
  const isUnplanned = flow.own.is_unplanned || flow.counterpart.is_unplanned;
  return flow.is_open || isUnplanned || flow.level === "critical" ? flow.level : "shut";
}

/**
 * Return when a side is open, by the clock of Hanoi, with that of Beijing for the Chinese side.
 * @param {Side} side
 * @param {string} at now
 * @param {boolean} isCounterpart
 * @returns {string}
 */
export function sideText(side, at, isCounterpart) {
  const when = side.next_change === null ? null : moment(side.next_change, at);
  const beijing = isCounterpart && side.next_change !== null ? ` (${_("Beijing")} ${clock(side.next_change, BEIJING)})` : "";
  if (side.is_unplanned) return `${_("shut, not planned")}${side.reason ? `: ${side.reason}` : ""}`;
  if (side.state === "preregistered") return _("only registered vehicles");
  if (side.state === "open") return when ? `${_("open until {at}", { at: when })}${beijing}` : _("open");
  return when ? `${_("shut; opens {at}", { at: when })}${beijing}` : _("shut");
}

/**
 * Return the wait that a vehicle joining now may expect.
 * @param {Flow} flow
 * @param {string} at now
 * @returns {string}
 */
export function waitText(flow, at) {
  const { value_s: value, low_s: low, high_s: high, crosses_at: crosses, is_today: isToday } = flow.expected;
  if (value === null) return isToday === false ? _("more than 14 days") : NOT_KNOWN;
  if (isToday === false) {
    const opens = flow.own.state === "open" ? null : flow.own.next_change;
    const when = moment(crosses, at);
    return opens
      ? _("not today; opens {opens}, across about {at}", { opens: moment(opens, at), at: when })
      : _("not today; across about {at}", { at: when });
  }
  return low !== null && high !== null ? `${duration(low)} – ${duration(high)}` : duration(value);
}

/**
 * Return the expected wait as a figure with its companions.
 * @param {Flow} flow
 * @param {string} at now
 * @returns {Figure}
 */
export function waitFigure(flow, at) {
  const { value_s: value, low_s: low, high_s: high, crosses_at: crosses } = flow.expected;
  return {
    value,
    unit: "s",
    text: waitText(flow, at),
    quality: flow.backlog.quality,
    as_of: flow.backlog.as_of,
    age_s: flow.backlog.age_s,
    more: [
      [_("Most likely"), duration(value)],
      [_("Band (90 of 100)"), `${duration(low)} – ${duration(high)}`],
      [_("Cleared about"), moment(crosses, at)],
      [_("Method"), _("vehicles inside over the capacity shown, through the hours of both sides")],
    ],
  };
}

/**
 * Return the capacity as a figure with its companions.
 * @param {Flow} flow
 * @returns {Figure}
 */
export function capacityFigure(flow) {
  const { value, low, high, unit, n_hours: hours } = flow.capacity;
  return {
    value,
    unit,
    low,
    high,
    more: [[_("Method"), _("90th percentile of {n} open hours of 28 days; needs 20", { n: hours })]],
  };
}

/**
 * Return the name of a national colour.
 * @param {string | null} name
 * @returns {string}
 */
export function nationalWord(name) {
  /** @type {Record<string, string>} */
  const known = { green: _("GREEN"), yellow: _("YELLOW"), orange: _("ORANGE"), red: _("RED") };
  return (name && known[name]) || _("not known");
}
