// A comparison from the state now: what the forecast says of each alternative beside doing nothing.

import { backlogFan, fanRows } from "../charts/backlog_fan.js";
import { byId, fill, h } from "../shared/dom.js";
import { band, clock, directionWord, duration, moment, NOT_KNOWN, number, percent } from "../shared/format.js";
import { _, pick } from "../shared/words.js";
import { alternativeTitle, table } from "./plan_result.js";
import { state } from "./plan_state.js";

const NOTHING = "do nothing";

/** @param {string} gate */
function gateTitle(gate) {
  const found = state.known?.gates.find((/** @type {any} */ one) => one.name === gate);
  return found ? pick(found.title) : gate;
}

/** @param {any} row */
const placeOf = (row) => `${gateTitle(row.gate)}, ${directionWord(row.direction)}`;

/** @param {any} wait a band of times [s], where null is not within what was looked at */
function waitText(wait) {
  if (!wait) return NOT_KNOWN;
  if (wait.p90 !== null) return `${duration(wait.p10)} – ${duration(wait.p90)}`;
  return wait.p10 === null ? _("longer than is looked ahead") : `≥ ${duration(wait.p10)}`;
}

/**
 * Show a forecast.
 * @param {any} run
 * @param {any} result
 */
export function showForecast(run, result) {
  const names = [NOTHING, ...new Set(result.flows.map((/** @type {any} */ row) => row.alternative).filter((/** @type {string} */ name) => name !== NOTHING))];
  const titleOf = (/** @type {string} */ name) => (name === NOTHING ? _("Do nothing") : alternativeTitle(run, names.indexOf(name)));
  const inside = (/** @type {any} */ row) => row.hours.backlog.p50[0] ?? 0;
  const places = result.flows.filter((/** @type {any} */ row) => row.alternative === NOTHING).sort((/** @type {any} */ a, /** @type {any} */ b) => inside(b) - inside(a));
  fill(
    byId("found"),
    h("p", {}, _("From the state at {at}, {n} repetitions: the same vehicles with and without each alternative.", {
      at: moment(result.at, new Date()), n: number(result.manifest.replications),
    })),
    h("div", { class: "acts field not-printed" }, h("button", { type: "button", class: "button", onclick: () => window.print() }, _("Print"))),
    places.length === 0 && h("div", { class: "state" }, h("strong", {}, _("Nothing is known to begin from: no gate has a count."))),
    places.map((/** @type {any} */ place) => placeSection(result, place, titleOf)),
  );
}

/**
 * @param {any} result
 * @param {any} place
 * @param {(name: string) => string} titleOf
 */
function placeSection(result, place, titleOf) {
  const rows = result.flows.filter((/** @type {any} */ row) => row.gate === place.gate && row.direction === place.direction);
  const title = placeOf(place);
  const hours = place.hours.at;
  const labels = hours.map((/** @type {string} */ at) => clock(at));
  const series = rows.slice(0, 2).map((/** @type {any} */ row) => {
    const { p10, p50, p90 } = row.hours.backlog;
    return { label: titleOf(row.alternative), mean: p50, p10, p90 };
  });
  const said = _("Vehicles inside in the hours ahead, {place}: median, and eight of ten cases between.", { place: title });
  const twin = fanRows(series, labels);
  return h(
    "section",
    { class: "alternative" },
    h("h3", {}, title),
    h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": title },
      table(
        [_("Alternative"), _("Left at the close"), _("More than the yard holds"), _("Chance that all cross today"), _("Who joins now waits")],
        rows.map((/** @type {any} */ row) => [
          titleOf(row.alternative),
          _("{n} veh ({band})", { n: number(row.close.left.p50), band: band(row.close.left.p10, row.close.left.p90) }),
          percent(row.close.p_over_places),
          percent(row.p_cleared_today),
          waitText(row.joining.wait_s),
        ]),
        [1, 2, 3, 4],
      )),
    h("figure", {}, h("figcaption", {}, said), backlogFan(series, said, labels)),
    h("details", {}, h("summary", {}, _("As a table")), h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": said }, table(twin.head, twin.rows, [1, 2, 3, 4]))),
  );
}
