// A comparison from the state now: what the forecast says of each alternative beside doing nothing.

import { backlogFan, fanRows } from "../charts/backlog_fan.js";
import { doubtsText } from "../elements/outlook.js";
import { byId, fill, h } from "../shared/dom.js";
import { band, clock, directionWord, duration, moment, NOT_KNOWN, number, percent } from "../shared/format.js";
import { _, pick } from "../shared/words.js";
import { decideForm } from "./plan_decide.js";
import { alternativeTitle, table } from "./plan_result.js";
import { button, mayRun, namesOf, state } from "./plan_state.js";

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
 * @param {() => void} anew has the same asked of the state as it is then
 */
export function showForecast(run, result, anew) {
  const names = [NOTHING, ...new Set(result.flows.map((/** @type {any} */ row) => row.alternative).filter((/** @type {string} */ name) => name !== NOTHING))];
  const titleOf = (/** @type {string} */ name) => (name === NOTHING ? _("Do nothing") : alternativeTitle(run, names.indexOf(name)));
  const inside = (/** @type {any} */ row) => row.hours.backlog.p50[0] ?? 0;
  const places = result.flows.filter((/** @type {any} */ row) => row.alternative === NOTHING).sort((/** @type {any} */ a, /** @type {any} */ b) => inside(b) - inside(a));
  const isMoved = (/** @type {any} */ place) => rowsOf(result, place).some((/** @type {any} */ row) => differs(row.hours.backlog.p50, place.hours.backlog.p50) || differs(row.hours.backlog.p90, place.hours.backlog.p90));
  const unmoved = places.filter((/** @type {any} */ place) => !isMoved(place));
  fill(
    byId("found"),
    h("div", { class: "row frozen-state" },
      h("p", {}, _("From the state at {at} (revision {rev}, quality {quality}), {n} repetitions: the same vehicles with and without each alternative.", {
        at: moment(result.at, new Date()), rev: number(result.manifest.rev), quality: qualities(places), n: number(result.manifest.replications),
      })),
      mayRun && h("span", { class: "not-printed" }, button(_("Take the state anew"), anew))),
    doubted(places),
    h("div", { class: "acts field not-printed" },
      h("button", { type: "button", class: "button", onclick: () => window.print() }, _("Print")),
      h("a", { class: "button", href: `/v1/forecasts/${run.id}/table.csv`, download: "" }, "CSV")),
    result.skipped.length > 0 && h("p", { class: "notice" }, _("Nothing is foretold of {places}: nobody has counted there.", { places: result.skipped.map(placeOf).join("; ") })),
    decideForm(run.id, names.slice(1).map((name, n) => ({ name, title: titleOf(name), names: namesOf(run.request.alternatives[n]) })), result.hours),
    places.length === 0 && h("div", { class: "state" }, h("strong", {}, _("Nothing is known to begin from: no gate has a count."))),
    places.filter(isMoved).map((/** @type {any} */ place) => placeSection(result, place, titleOf)),
    unmoved.length > 0 && (unmoved.length === places.length
      ? [names.length > 1 && h("p", { class: "notice" }, _("No alternative changes anything at any gate.")), unmoved.map((/** @type {any} */ place) => placeSection(result, place, titleOf))]
      : h("details", { class: "alternative" }, h("summary", {}, _("Where nothing changes: {n}", { n: number(unmoved.length) })), unmoved.map((/** @type {any} */ place) => placeSection(result, place, titleOf)))),
    h("p", { class: "small muted" }, _("Version {version}, seed {seed}, state {hash}. The same state and request give the same bytes.", {
      version: result.manifest.gatewatch, seed: String(result.manifest.seed), hash: result.manifest.now_sha256.slice(0, 12),
    })),
  );
}

/**
 * @param {any} result
 * @param {any} place
 * @returns {any[]}
 */
const rowsOf = (result, place) => result.flows.filter((/** @type {any} */ row) => row.gate === place.gate && row.direction === place.direction);

/**
 * @param {number[]} some
 * @param {number[]} others
 */
const differs = (some, others) => some.some((value, n) => value !== others[n]);

/**
 * Return the quality of the counts that it begins from, the worst last.
 * @param {any[]} places
 */
function qualities(places) {
  const found = [...new Set(places.map((place) => place.quality))].sort();
  return found.length > 1 ? `${found[0]}–${found.at(-1)}` : found[0] ?? NOT_KNOWN;
}

/** @param {any[]} places */
function doubted(places) {
  const wide = places.filter((place) => place.doubts.length);
  if (!wide.length) return null;
  return h("details", { class: "field" }, h("summary", {}, _("Wide at {n} of {all}: why", { n: number(wide.length), all: number(places.length) })),
    h("ul", {}, wide.map((place) => h("li", {}, `${placeOf(place)}: ${doubtsText(place.doubts)}`))));
}

/**
 * @param {any} result
 * @param {any} place
 * @param {(name: string) => string} titleOf
 */
function placeSection(result, place, titleOf) {
  const rows = rowsOf(result, place);
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
          _("{n} veh ({band})", { n: number(row.close.backlog.p50), band: band(row.close.backlog.p10, row.close.backlog.p90) }),
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
