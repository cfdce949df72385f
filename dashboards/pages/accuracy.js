// S6, how good the forecasts were, beside two ways of guessing; a forecast that was worse than one of them says so.

import { horizonLines, horizonRows } from "../charts/horizon_lines.js";
import { skillSentence } from "../elements/skill.js";
import { stacked } from "../elements/stacked.js";
import { get, told } from "../shared/api.js";
import { byId, dataOf, fill, h, s } from "../shared/dom.js";
import { band, directionWord, moment, number, percent, unit } from "../shared/format.js";
import { serverNow } from "../shared/stream.js";
import { _, pick } from "../shared/words.js";

/** @typedef {import("../elements/skill.js").Skill} Skill */
/**
 * @typedef {object} Miss
 * @property {string} gate
 * @property {string} direction
 * @property {string} measure
 * @property {string} made_at
 * @property {string} at
 * @property {number} horizon_h
 * @property {number} low
 * @property {number} middle
 * @property {number} high
 * @property {number} seen
 * @property {string} unit
 * @property {Record<string, string>} reason
 */

const WANTED = /** @type {[number, number]} */ ([0.7, 0.9]);
const ALL = "";
/** @type {Record<string, string>} */
const gates = dataOf("gates");
const days = /** @type {HTMLSelectElement} */ (byId("days"));
let chosen = ALL;

/** @param {{ gate: string | null, direction: string | null }} row */
const placeOf = (row) => (row.gate === null ? _("All gates") : `${gates[row.gate] ?? row.gate}, ${directionWord(row.direction ?? "")}`);

/** @param {{ gate: string | null, direction: string | null }} row */
const keyOf = (row) => (row.gate === null ? ALL : `${row.gate}/${row.direction}`);

/** @param {number} share */
function coverageWord(share) {
  if (share < WANTED[0]) return _("the band is too narrow: surprises come more often than it says");
  if (share > WANTED[1]) return _("the band is too wide: it could say more");
  return _("as it should be: between 70 and 90 %");
}

/**
 * Return a difference with its sign; what rounds to nothing has none.
 * @param {number} value
 */
function signed(value) {
  const rounded = Math.round(10 * value) / 10;
  return rounded ? `${rounded > 0 ? "+" : "−"}${number(Math.abs(rounded), 1)}` : number(0, 1);
}

/** @param {number} bias */
function biasWord(bias) {
  if (Math.abs(bias) < 1) return _("neither too high nor too low");
  return bias > 0 ? _("on average more was expected than came") : _("on average less was expected than came");
}

/** @param {Skill} row */
function verdict(row) {
  const nGuesses = [row.persistence_veh, row.last_week_veh].filter((value) => value !== null).length;
  if (!row.worse_than.length) return nGuesses === 2 ? _("better than both guesses") : nGuesses ? _("better than the guess that can be made") : _("nothing to compare with yet");
  const names = row.worse_than.map((name) => (name === "persistence" ? _("“stays as it is”") : _("“as a week before”")));
  return h("span", { class: "is-worse" },
    s("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, s("path", { d: "M8 14 2 4h12z", fill: "currentColor" })),
    _("WORSE than {names}", { names: names.join(", ") }));
}

/**
 * @param {string} title
 * @param {string} value
 * @param {string} of
 * @param {string | Node} about
 */
const fact = (title, value, of, about) => h("div", {}, h("dt", {}, title), h("dd", {}, h("strong", {}, value, of ? h("small", {}, ` ${of}`) : null), about));

/** @param {Skill} total */
function headline(total) {
  return h("section", { class: "panel", "aria-labelledby": "all-title" },
    h("h2", { id: "all-title" }, _("All gates and hours ahead")),
    h("p", { class: "said" }, skillSentence([total], Number(days.value))),
    h("dl", { class: "verdicts" },
      fact(_("In the 80 % band"), percent(total.coverage), _("of {n} hours", { n: number(total.n) }), coverageWord(total.coverage)),
      fact(_("Expected less seen, mean"), signed(total.bias_veh), unit("veh"), biasWord(total.bias_veh)),
      fact(_("Error of the forecast (CRPS)"), number(total.crps_veh, 1), unit("veh"), verdict(total)),
      fact(_("Error of “stays as it is”"), number(total.persistence_veh, 1), unit("veh"), _("mean, without a band")),
      fact(_("Error of “as a week before”"), number(total.last_week_veh, 1), unit("veh"), total.last_week_veh === null ? _("no week before was known yet") : _("mean, without a band"))));
}

/** @param {Skill[]} found */
function byHorizon(found) {
  const places = found.filter((row) => row.horizon_h === null);
  if (!places.some((row) => keyOf(row) === chosen)) chosen = ALL;
  const select = /** @type {HTMLSelectElement} */ (h("select", { id: "place" }, places.map((row) => h("option", { value: keyOf(row), selected: keyOf(row) === chosen }, placeOf(row)))));
  const charts = h("div", { class: "grid" });
  const draw = () => {
    const rows = found.filter((row) => row.horizon_h !== null && keyOf(row) === chosen);
    const hours = rows.map((row) => row.horizon_h ?? 0);
    const place = placeOf(places.find((row) => keyOf(row) === chosen) ?? { gate: null, direction: null });
    fill(charts,
      lines(_("Error by hours ahead, {place}", { place }), _("Lower is better. The forecast tells a band, and is scored for it (CRPS); a guess is one number."), hours, [
        { label: _("forecast"), values: rows.map((row) => row.crps_veh) },
        { label: _("stays as now"), values: rows.map((row) => row.persistence_veh) },
        { label: _("as a week before"), values: rows.map((row) => row.last_week_veh) },
      ], unit("veh"), 1),
      lines(_("Share in the 80 % band by hours ahead, {place}", { place }), _("Grey: between 70 and 90 %, as it should be."), hours, [
        { label: _("in the band"), values: rows.map((row) => 100 * row.coverage) },
      ], "%", 0, [70, 90]),
      lines(_("Expected less seen by hours ahead, {place}", { place }), "", hours, [], unit("veh"), 1, undefined, rows));
  };
  select.addEventListener("change", () => {
    chosen = select.value;
    draw();
  });
  draw();
  return h("section", { class: "panel", "aria-labelledby": "horizon-title" },
    h("h2", { id: "horizon-title" }, _("By hours ahead")),
    h("div", { class: "place-choice not-printed" }, h("label", { for: "place" }, _("Where")), select),
    charts);
}

/**
 * @param {string} title
 * @param {string} about
 * @param {number[]} hours
 * @param {import("../charts/horizon_lines.js").Line[]} shown
 * @param {string} of
 * @param {number} digits
 * @param {[number, number]} [wanted]
 * @param {Skill[]} [losses] instead of a chart, a table of bias and pinball loss
 */
function lines(title, about, hours, shown, of, digits, wanted, losses) {
  const twin = losses
    ? {
        head: [_("Hours ahead"), _("Hours scored"), _("Expected less seen"), _("Pinball loss p10"), "p50", "p90"],
        rows: losses.map((row) => [number(row.horizon_h), number(row.n), signed(row.bias_veh), ...row.pinball_veh.map((value) => number(value, 1))]),
      }
    : horizonRows(hours, shown, digits);
  const rows = h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": title },
    h("table", {},
      h("thead", {}, h("tr", {}, twin.head.map((text) => h("th", { scope: "col", class: "number" }, text)))),
      h("tbody", {}, twin.rows.map((row) => h("tr", {}, row.map((cell, n) => (n ? h("td", { class: "number" }, cell) : h("th", { scope: "row", class: "number" }, cell))))))));
  if (losses) return h("details", {}, h("summary", {}, `${title}: ${_("bias and pinball loss as a table [{unit}]", { unit: of })}`), rows);
  return h("figure", { class: "half lines" },
    h("figcaption", {}, h("h3", {}, title), h("p", { class: "muted small" }, about)),
    horizonLines(hours, shown, { title, unit: of, ...(wanted ? { wanted, top: 100 } : {}) }),
    h("details", {}, h("summary", {}, _("As a table")), rows));
}

/** @param {Skill[]} found */
function byPlace(found) {
  const rows = found.filter((row) => row.horizon_h === null && row.gate !== null);
  return h("section", { class: "panel", "aria-labelledby": "place-title" },
    h("h2", { id: "place-title" }, _("By gate and direction")),
    h("div", { class: "scroll", tabindex: 0, role: "region", "aria-labelledby": "place-title" },
      stacked(h("table", { class: "by-place" },
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, _("Where")),
          [_("Hours scored"), _("In the 80 % band"), _("Expected less seen"), _("Error of the forecast (CRPS)"), _("Error of “stays as it is”"), _("Error of “as a week before”")].map((text) => h("th", { scope: "col", class: "number" }, text)),
          h("th", { scope: "col" }, _("Verdict")))),
        h("tbody", {}, rows.map((row) => h("tr", {},
          h("th", { scope: "row" }, placeOf(row)),
          [number(row.n), percent(row.coverage), `${signed(row.bias_veh)} ${unit("veh")}`, ...[row.crps_veh, row.persistence_veh, row.last_week_veh].map((value) => (value === null ? number(value) : `${number(value, 1)} ${unit("veh")}`))].map((text) => h("td", { class: "number" }, text)),
          h("td", {}, verdict(row)))))))));
}

/** @param {Miss[]} found */
function worst(found) {
  const now = serverNow();
  return h("section", { class: "panel", "aria-labelledby": "worst-title" },
    h("h2", { id: "worst-title" }, _("Worst misses")),
    found.length
      ? h("div", { class: "scroll", tabindex: 0, role: "region", "aria-labelledby": "worst-title" },
          stacked(h("table", { class: "worst" },
            h("thead", {}, h("tr", {}, h("th", { scope: "col" }, _("Time")), h("th", { scope: "col" }, _("Where")),
              [_("Hours ahead"), _("Foretold"), _("Seen")].map((text) => h("th", { scope: "col", class: "number" }, text)), h("th", { scope: "col" }, _("Why")))),
            h("tbody", {}, found.map((miss) => h("tr", {},
              h("th", { scope: "row" }, moment(miss.at, now)),
              h("td", {}, placeOf(miss)),
              h("td", { class: "number" }, number(miss.horizon_h)),
              h("td", { class: "number" }, `${number(miss.middle)} (${band(miss.low, miss.high)}) ${unit(miss.unit)}`),
              h("td", { class: "number" }, h("strong", {}, number(miss.seen)), ` ${unit(miss.unit)}`),
              h("td", {}, pick(miss.reason))))))))
      : h("p", { class: "muted" }, _("Nothing seen lay outside its band.")));
}

/** Return what is said before the first score. */
function nothingYet() {
  const { firstEnds = "", every = "0" } = byId("accuracy").dataset;
  const why = firstEnds
    ? _("The first forecast looks ahead until {at}; it is scored in the night after that.", { at: moment(firstEnds, serverNow()) })
    : Number(every)
      ? _("A forecast is made every {n} min as soon as a backlog is known at some gate; it is scored in the night after its last hour. Make a hand count to begin.", { n: number(Number(every)) })
      : _("No forecasts are made by the clock: GATEWATCH_FORECAST_MINUTES is 0.");
  return h("div", { class: "state" }, h("strong", {}, _("No forecast has been scored in this time.")), h("span", {}, why), !firstEnds && Number(every) > 0 && h("a", { href: "/quick" }, _("Count by hand")));
}

async function show() {
  const box = byId("accuracy");
  try {
    /** @type {{ skill: Skill[], worst?: Miss[] }} */
    const { skill, worst: misses } = await get(`/v1/forecasts/skill?days=${days.value}`);
    const total = skill.find((row) => row.gate === null && row.horizon_h === null);
    if (!total) fill(box, nothingYet());
    else fill(box, h("div", { class: "grid" }, headline(total), byHorizon(skill), byPlace(skill), misses && worst(misses)));
  } catch (error) {
    fill(box, told(error));
  }
}

days.addEventListener("change", () => void show());
byId("print").addEventListener("click", () => window.print());
void show();
