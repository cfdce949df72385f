// What a comparison found: the figures that are read first, in words, by the hour, what binds, what it costs.

import { backlogFan, fanRows } from "../charts/backlog_fan.js";
import { post, told } from "../shared/api.js";
import { byId, fill, h, s } from "../shared/dom.js";
import { day, NOT_KNOWN, number, percent } from "../shared/format.js";
import { _, language, pick } from "../shared/words.js";
import { button, mayRun, nameOf, state } from "./plan_state.js";

/** @type {Record<string, string>} */
const SHAPES = {
  better: "M8 2 14 12H2z", worse: "M8 14 2 4h12z", more: "M8 2 14 12H2z", less: "M8 14 2 4h12z",
  same: "M2 5h12v2H2zM2 9h12v2H2z", undecided: "M8 2l6 6-6 6-6-6z", unknown: "M2 7h12v2H2z",
};

/** @param {any} row */
const inWords = (row) => row[language] ?? row.en;

/** @param {any} row */
function verdict(row) {
  return h(
    "span",
    { class: "verdict", "data-verdict": row.verdict },
    s("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, s("path", { d: SHAPES[row.verdict] ?? SHAPES.unknown, fill: "currentColor" })),
    inWords(row).verdict,
  );
}

/** @param {any} row */
function judged(row) {
  if (row.verdict !== "undecided" || row.more_replications === null) return verdict(row);
  return h("span", {}, verdict(row), h("br"), h("small", {}, _("about {n} more repetitions would tell", { n: number(row.more_replications) })));
}

/**
 * Return a change with its half width; a dash where nothing is known of it.
 * @param {any} row
 */
function changeOf(row) {
  return row.difference === null ? NOT_KNOWN : `${inWords(row).change} ${inWords(row).unit}`;
}

/**
 * @param {any} run
 * @param {number} n from 1
 * @param {any} [result]
 */
export function alternativeTitle(run, n, result) {
  const title = run.request.alternatives[n - 1]?.title || (result ? pick(result.alternatives[n - 1].title) : nameOf(run.request.alternatives[n - 1]));
  return `${n} · ${title}`;
}

/**
 * Return the figures that are read first, alternative by alternative.
 * @param {any[]} rows
 * @param {any} run
 * @param {any} [result]
 */
export function headline(rows, run, result) {
  return run.request.alternatives.map((/** @type {any} */ _unused, /** @type {number} */ at) => {
    const own = rows.filter((row) => row.scenario === at + 1);
    const moved = own.filter((row) => row.baseline !== row.value);
    return h(
      "section",
      { class: "alternative" },
      h("h3", {}, alternativeTitle(run, at + 1, result)),
      moved.length === 0 && h("p", {}, _("It changes nothing: every figure is exactly as when nothing is done.")),
      moved.length > 0 &&
        h(
          "div",
          { class: "scroll", tabindex: 0, role: "region", "aria-label": alternativeTitle(run, at + 1, result) },
          table(
            [_("Where"), _("Figure"), _("Do nothing"), _("With it"), _("Change ± 95 %"), _("Verdict")],
            moved.map((row) => {
              const said = inWords(row);
              return [said.place, said.figure, `${said.before} ${said.unit}`, `${said.after} ${said.unit}`, changeOf(row), judged(row)];
            }),
            [2, 3, 4],
          ),
        ),
    );
  });
}

/**
 * @param {string[]} head
 * @param {(string | Node)[][]} rows
 * @param {number[]} numbers columns of numbers
 */
export function table(head, rows, numbers = []) {
  const of = (/** @type {number} */ n) => ({ class: numbers.includes(n) ? "number" : null });
  return h(
    "table",
    {},
    h("thead", {}, h("tr", {}, head.map((text, n) => h("th", { scope: "col", ...of(n) }, text)))),
    h("tbody", {}, rows.map((row) => h("tr", {}, row.map((cell, n) => (n ? h("td", of(n), cell) : h("th", { scope: "row" }, cell)))))),
  );
}

/**
 * Show what a comparison found.
 * @param {any} run
 * @param {any} result
 * @param {() => void} drawSaved called when the run was saved under a name
 */
export function showResult(run, result, drawSaved) {
  const manifest = result.manifest;
  fill(
    byId("found"),
    h(
      "p",
      {},
      _("{scenario}, {days} days from {first}, {n} repetitions: the same vehicles with and without each alternative.", {
        scenario: pick(result.scenario), days: number(manifest.days), first: day(`${manifest.start}T05:00:00Z`), n: number(manifest.replications),
      }),
    ),
    h("p", { class: "notice" }, _("Waits are a scenario and not calibrated: service times and servers are assumed until time stamps exist.")),
    acts(run, drawSaved),
    headline(result.headline, run, result),
    sentences(run, result),
    fans(run, result),
    binding(run, result),
    costs(run, result),
    h("p", { class: "small muted" }, _("Version {version}, seed {seed}, request {hash}. The same request gives the same bytes.", {
      version: manifest.gatewatch, seed: String(manifest.seed), hash: run.sha256.slice(0, 12),
    })),
  );
}

/**
 * @param {any} run
 * @param {() => void} drawSaved
 */
function acts(run, drawSaved) {
  const said = h("span", { role: "status", class: "muted" });
  const link = `${location.origin}/plan?run=${run.id}`;
  return h(
    "div",
    { class: "not-printed" },
    h(
      "div",
      { class: "acts field" },
      h("button", { type: "button", class: "button", onclick: () => window.print() }, _("Print")),
      h("a", { class: "button", href: `/v1/runs/${run.id}/report.html`, target: "_blank", rel: "noopener" }, _("Whole report")),
      h("a", { class: "button", href: `/v1/runs/${run.id}/table.csv`, download: "" }, "CSV"),
      h("a", { class: "button", href: `/v1/runs/${run.id}/table.parquet`, download: "" }, "Parquet"),
      h("button", { type: "button", class: "button", onclick: async () => {
        try {
          await navigator.clipboard.writeText(link);
          said.textContent = _("The link is copied.");
        } catch {
          said.textContent = link;
        }
      } }, _("Copy link")),
      said,
    ),
    mayRun && watchForm(run),
    mayRun && saveForm(run, drawSaved),
  );
}

/**
 * Return links that play a day of an alternative, or of doing nothing, at a gate.
 * @param {any} run
 */
function watchForm(run) {
  const gates = state.known?.gates.filter((/** @type {any} */ gate) => !gate.is_dormant) ?? [];
  if (!gates.length) return null;
  const gate = /** @type {HTMLSelectElement} */ (h("select", { id: "watch-gate" }, gates.map((/** @type {any} */ one) => h("option", { value: one.name, selected: one.name === "huu_nghi" }, pick(one.title)))));
  const which = /** @type {HTMLSelectElement} */ (
    h("select", { id: "watch-which" }, h("option", { value: 0 }, _("Do nothing")), run.request.alternatives.map((/** @type {any} */ _unused, /** @type {number} */ n) => h("option", { value: n + 1 }, alternativeTitle(run, n + 1))))
  );
  const open = () => location.assign(`/playback?of=${run.id}&alternative=${which.value}&gate=${gate.value}`);
  return h("details", { class: "field" }, h("summary", {}, _("Watch a day, vehicle by vehicle")),
    h("div", { class: "pair" },
      h("div", { class: "field" }, h("label", { for: "watch-gate" }, _("Where")), gate),
      h("div", { class: "field" }, h("label", { for: "watch-which" }, _("Alternative")), which)),
    button(_("Watch"), open));
}

/**
 * @param {any} run
 * @param {() => void} drawSaved
 */
function saveForm(run, drawSaved) {
  const title = /** @type {HTMLInputElement} */ (h("input", { id: "plan-title", maxlength: 100, required: true, autocomplete: "off" }));
  const said = h("span", { role: "status" });
  const save = h("form", { class: "field" }, h("label", { for: "plan-title" }, _("Save under a name")), h("div", { class: "with-unit" }, title, h("button", { class: "button" }, _("Save"))), said);
  save.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await post("/v1/plans", { title: title.value, kind: run.kind, request: run.request, run: run.id });
      said.textContent = _("Saved; the result is kept with it.");
      drawSaved();
    } catch (error) {
      fill(said, told(error));
    }
  });
  return save;
}

/**
 * @param {any} run
 * @param {any} result
 */
function sentences(run, result) {
  return h(
    "details",
    {},
    h("summary", {}, _("In words")),
    run.request.alternatives.map((/** @type {any} */ _unused, /** @type {number} */ at) => {
      const rows = result.headline.filter((/** @type {any} */ row) => row.scenario === at + 1 && row.baseline !== row.value);
      return [
        h("h4", {}, alternativeTitle(run, at + 1, result)),
        h("ul", { class: "told" }, rows.map((/** @type {any} */ row) => h("li", {}, `${inWords(row).place}: ${inWords(row).sentence}`))),
      ];
    }),
  );
}

/**
 * @param {any} run
 * @param {any} result
 */
function fans(run, result) {
  const holder = h("div", {});
  const moved = result.hourly.filter((/** @type {any} */ place) => place.series.some((/** @type {any} */ one) => one.scenario && differs(one, place.series[0])));
  const places = moved.length ? moved : result.hourly;
  if (!places.length) return null;
  const choose = (/** @type {string} */ id, /** @type {[number, string][]} */ options) =>
    /** @type {HTMLSelectElement} */ (h("select", { id }, options.map(([value, text]) => h("option", { value }, text))));
  const inside = places.findIndex((/** @type {any} */ place) => place.gate && place.direction);
  const place = choose("fan-place", places.map((/** @type {any} */ one, /** @type {number} */ n) => [n, pick(one.place)]));
  place.value = String(Math.max(inside, 0));
  const which = choose("fan-which", result.alternatives.map((/** @type {any} */ _unused, /** @type {number} */ n) => [n + 1, alternativeTitle(run, n + 1, result)]));
  const draw = () => {
    const at = places[Number(place.value)];
    const series = [0, Number(which.value)].flatMap((scenario) => {
      const one = at.series.find((/** @type {any} */ other) => other.scenario === scenario);
      return one ? [{ label: scenario ? alternativeTitle(run, scenario, result) : _("Do nothing"), ...one }] : [];
    });
    const title = _("Vehicles inside by hour of the day, {place}: mean, and eight of ten days between.", { place: pick(at.place) });
    const rows = fanRows(series);
    fill(
      holder,
      h("figure", {}, h("figcaption", {}, title), backlogFan(series, title)),
      h("details", {}, h("summary", {}, _("As a table")), h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": title }, table(rows.head, rows.rows, [1, 2, 3, 4]))),
    );
  };
  place.addEventListener("change", draw);
  which.addEventListener("change", draw);
  draw();
  return h(
    "section",
    { class: "alternative" },
    h("h3", {}, _("Backlog by the hour")),
    h("div", { class: "pair not-printed" },
      h("div", { class: "field" }, h("label", { for: "fan-place" }, _("Where")), place),
      h("div", { class: "field" }, h("label", { for: "fan-which" }, _("Beside doing nothing")), which)),
    holder,
  );
}

/**
 * @param {any} one
 * @param {any} other
 */
function differs(one, other) {
  return one.mean.some((/** @type {number} */ value, /** @type {number} */ hour) => value !== other.mean[hour]);
}

/**
 * @param {any} run
 * @param {any} result
 */
function binding(run, result) {
  const gates = (/** @type {any} */ row) => result.alternatives[row.scenario - 1].gates.includes(row.gate);
  const rows = result.binding.filter((/** @type {any} */ row) => row.is_changed || gates(row));
  if (!rows.length) return null;
  const cause = (/** @type {any} */ said, /** @type {number | null} */ share) => (said ? `${pick(said)} (${percent(share)})` : "—");
  return h(
    "section",
    { class: "alternative" },
    h("h3", {}, _("What vehicles wait for most")),
    h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": _("What vehicles wait for most") },
      table(
        [_("Where"), _("Alternative"), _("Do nothing"), _("With it")],
        rows.map((/** @type {any} */ row) => [pick(row.place), alternativeTitle(run, row.scenario, result), cause(row.before, row.before_share), cause(row.after, row.after_share)]),
      )),
  );
}

/**
 * @param {any} run
 * @param {any} result
 */
function costs(run, result) {
  const rows = result.costs.filter((/** @type {any} */ row) => row.baseline !== null && row.value !== null && row.direction === null);
  if (!rows.length) return null;
  const bases = [...new Set(result.prices.map((/** @type {any} */ price) => price.basis))];
  /** @type {Record<string, string>} */
  const words = { reported: _("reported"), inferred: _("inferred"), assumed: _("assumed") };
  return h(
    "section",
    { class: "alternative" },
    h("h3", {}, _("Cost")),
    h("p", { class: "small muted" }, _("Prices are {bases}.", { bases: bases.map((basis) => words[basis] ?? basis).join(", ") })),
    h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": _("Cost") },
      table(
        [_("Alternative"), _("Cost"), _("Do nothing"), _("With it"), _("Change ± 95 %"), _("Verdict")],
        rows.map((/** @type {any} */ row) => {
          const said = inWords(row);
          return [alternativeTitle(run, row.scenario, result), said.figure, `${said.before} ${said.unit}`, `${said.after} ${said.unit}`, changeOf(row), judged(row)];
        }),
        [2, 3, 4],
      )),
  );
}
