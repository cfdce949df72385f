// How good the forecasts were, in one sentence, alike wherever forecasts are shown.

import { number, percent } from "../shared/format.js";
import { _ } from "../shared/words.js";

/**
 * @typedef {object} Skill
 * @property {string | null} gate
 * @property {string | null} direction
 * @property {number | null} horizon_h
 * @property {number} n
 * @property {number} coverage
 * @property {number} bias_veh
 * @property {number} crps_veh
 * @property {number[]} pinball_veh
 * @property {number | null} persistence_veh
 * @property {number | null} last_week_veh
 * @property {("persistence" | "last_week")[]} worse_than
 */

/**
 * Return the sentence over all gates and hours ahead; a forecast that was worse than a guess says so.
 * @param {Skill[]} found
 * @param {number} days
 * @returns {string}
 */
export function skillSentence(found, days) {
  const total = found.find((row) => row.gate === null && row.horizon_h === null);
  if (!total) return _("No forecast of the last {days} days has been scored yet.", { days: number(days) });
  const said = [_("Over {days} days, {share} lay in the 80 % band.", { days: number(days), share: percent(total.coverage) })];
  if (total.worse_than.includes("persistence")) said.push(_("The forecast did WORSE than saying that everything stays as it is."));
  if (total.worse_than.includes("last_week")) said.push(_("The forecast did WORSE than saying that it is as a week before."));
  return said.join(" ");
}
