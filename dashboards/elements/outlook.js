// What the last forecast says of a gate and direction, alike on every page; when it says nothing, why.

import { band, moment, NOT_KNOWN, number, percent } from "../shared/format.js";
import { _, pick } from "../shared/words.js";

/**
 * As /v1/outlooks tells it.
 * @typedef {{ at: string, p10: number, p50: number, p90: number }} Quantiles
 * @typedef {Quantiles & { is_today: boolean, never_closes: boolean, places: number | null, p_over_places: number | null }} Closing
 * @typedef {object} Outlook
 * @property {string} gate
 * @property {string} direction
 * @property {"no_forecast" | "old" | "not_foretold" | "backlog_unknown" | null} reason
 * @property {string[]} doubts
 * @property {Closing | null} close
 * @property {Quantiles | null} opening
 * @property {Quantiles[]} hours
 * @typedef {{ gate: string, direction: string, decision: string, title: Record<string, string>, decided_at: string, decided_by: string, consent: string, hours: Quantiles[] }} Plan
 * @typedef {{ gate: string, direction: string, at: string[], low: number[], high: number[], n_days: number }} Usual
 * @typedef {{ at: string, made_from: string | null, outlooks: Outlook[], plans: Plan[], usual: Usual[] }} Outlooks
 */

/**
 * Return why a forecast says nothing, or no more than the past.
 * @param {Outlook} outlook
 * @param {Outlooks} all
 * @returns {string}
 */
export function whyNot(outlook, all) {
  if (outlook.reason === "old") return _("the forecast of {at} is too old", { at: moment(all.made_from, all.at) });
  if (outlook.reason === "backlog_unknown") return _("no forecast: nobody has counted here");
  if (outlook.reason === "not_foretold") return _("no forecast of this direction");
  return _("no forecast was made yet");
}

/**
 * Return why a forecast is wide, in words.
 * @param {string[]} doubts
 * @returns {string}
 */
export function doubtsText(doubts) {
  /** @type {Record<string, string>} */
  const known = {
    "quality D": _("the count is of quality D"),
    "wide backlog": _("the count has a wide band"),
    "no arrivals counted": _("no arrivals are counted here"),
  };
  return doubts.map((doubt) => known[doubt] ?? (doubt.startsWith("silent ") ? _("{source} is silent", { source: doubt.slice(7) }) : doubt)).join(", ");
}

/**
 * Return what is left at the closing as a figure with its companions.
 * @param {Outlook} outlook
 * @param {Outlooks} all
 * @returns {import("./figure.js").Figure}
 */
export function closingFigure(outlook, all) {
  const { close, doubts } = outlook;
  if (outlook.reason !== null || !close) return { value: null, unit: "veh", text: whyNot(outlook, all) };
  return {
    value: close.p50,
    unit: "veh",
    text: _("{n} veh ({band})", { n: number(close.p50), band: band(close.p10, close.p90) }),
    more: [
      [close.never_closes ? _("Until") : _("Closing"), moment(close.at, all.at)],
      [_("Eight of ten cases between"), band(close.p10, close.p90)],
      [_("More than the yards hold"), close.places === null ? _("no limit is known") : _("{share} (of {n} places)", { share: percent(close.p_over_places), n: number(close.places) })],
      [_("Method"), _("simulated on from the state at {at}, nothing being changed", { at: moment(all.made_from, all.at) })],
      ...(doubts.length ? [/** @type {[string, string]} */ ([_("Wide because"), doubtsText(doubts)])] : []),
    ],
  };
}

/**
 * Return the chance that the yards do not hold what is left, empty where none is told or it is below one in a hundred.
 * @param {Outlook} outlook
 * @returns {string}
 */
export function overflowText(outlook) {
  const chance = outlook.reason === null ? outlook.close?.p_over_places ?? null : null;
  return chance === null || chance < 0.01 ? "" : _("{share} over the yard", { share: percent(chance) });
}

/**
 * Return what is said of an adopted plan.
 * @param {Plan} plan
 * @param {string} at now
 * @returns {string}
 */
export function planText(plan, at) {
  /** @type {Record<string, string>} */
  const consents = { yes: _("China agrees"), asked: _("China is asked"), no: _("China has not agreed"), not_needed: "" };
  const consent = consents[plan.consent] ?? "";
  return _("{title}, adopted {at} by {who}", { title: pick(plan.title) || NOT_KNOWN, at: moment(plan.decided_at, at), who: plan.decided_by.replace(/^account:/, "") }) + (consent ? ` (${consent})` : "");
}
