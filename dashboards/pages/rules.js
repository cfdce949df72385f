// S11, the rules: other thresholds tried on past days, what would have fired beside what fired. Nothing is changed from here.

import { stacked } from "../elements/stacked.js";
import { announce, ask, get, onSubmit, post, told } from "../shared/api.js";
import { byId, dataOf, fill, h } from "../shared/dom.js";
import { levelWord, number, unit } from "../shared/format.js";
import { followRun } from "../shared/run.js";
import { _ } from "../shared/words.js";
import { showPreview } from "./rules_preview.js";

/** @typedef {{ value: number | boolean | string | null, unit: string }} Setting */
/** @typedef {{ gate: string | null, direction: string | null, settings: Record<string, Setting> }} Place */
/** @typedef {{ rule: string, unit: string, places: Place[] }} Rule */

for (const table of document.querySelectorAll(".rules-table")) stacked(table);
const LEVELS = ["busy", "congested", "critical"];
const form = /** @type {HTMLFormElement | null} */ (document.getElementById("try"));
/** @type {Record<string, string>} */
const titles = dataOf("titles");
/** @type {Map<string, Rule>} */
const rules = new Map();
let stop = () => {};

/** @param {string} key */
function settingWord(key) {
  /** @type {Record<string, string>} */
  const known = {
    for: _("Must last"), keep_firing_for: _("Stays"), leave: _("A level is left at this share of its threshold"),
    sigmas: _("Surplus, in standard errors"), least: _("Least difference"), rising_share: _("Growth over three days"), rising_from: _("A rise counts from"),
    vehicle_class: _("Class that spoils"), valid_for: _("A count holds for"), least_backlog: _("Least backlog"), least_days: _("Least days to compare with"), chance: _("Chance"),
  };
  return LEVELS.includes(key) ? levelWord(key) : (known[key] ?? key);
}

/** @param {string} key @param {Setting} setting @param {Rule} rule */
function unitOf(key, setting, rule) {
  const found = LEVELS.includes(key) ? rule.unit : setting.unit;
  return found === "standard errors" ? "" : unit(found); // its name says it
}

/** @param {string} id */
const chosen = (id) => /** @type {HTMLSelectElement} */ (byId(id)).value;

/** Return the settings in force at the place that is chosen. */
function inForce() {
  const rule = rules.get(chosen("try-rule"));
  const [gate, direction] = [chosen("try-gate") || null, chosen("try-direction") || null];
  const at = (/** @type {string | null} */ g, /** @type {string | null} */ d) => rule?.places.find((place) => place.gate === g && place.direction === d);
  return { rule, settings: (at(gate, direction) ?? at(gate, null) ?? at(null, direction) ?? at(null, null))?.settings ?? {} };
}

function drawSettings() {
  const { rule, settings } = inForce();
  if (!rule) return;
  fill(byId("try-settings"), Object.entries(settings)
    .filter(([, setting]) => typeof setting.value === "number" || setting.value === null)
    .map(([key, setting]) => h("div", { class: "field" },
      h("label", { for: `try-${key}` }, settingWord(key), unitOf(key, setting, rule) ? ` [${unitOf(key, setting, rule)}]` : ""),
      h("input", { id: `try-${key}`, name: `set-${key}`, type: "number", step: "any", min: 0, value: setting.value ?? "" }))));
}

/** @param {FormData} values */
function changes(values) {
  /** @type {Record<string, number>} */
  const found = {};
  for (const [key, setting] of Object.entries(inForce().settings)) {
    const text = String(values.get(`set-${key}`) ?? "");
    if (text !== "" && Number(text) !== setting.value) found[key] = Number(text);
  }
  return found;
}

/** @param {string} id */
function follow(id) {
  history.replaceState(null, "", `?run=${encodeURIComponent(id)}`);
  stop();
  fill(byId("try-found"));
  stop = followRun(id, (run) => void show(run), (error) => fill(byId("try-progress"), told(error)));
}

/** @param {any} run */
async function show(run) {
  const progress = byId("try-progress");
  if (!run.ended_at) {
    const { done = 0, total = 0 } = run.progress;
    const bar = progress.querySelector("progress");
    if (bar) {
      bar.max = Math.max(total, 1);
      bar.value = done;
      return;
    }
    fill(progress, h("div", { class: "row" }, h("span", {}, _("The days are replayed …")),
      form && h("button", { type: "button", class: "button end", onclick: () => void ask("DELETE", `/v1/runs/${run.id}`).catch((error) => fill(progress, told(error))) }, _("Cancel"))),
    h("progress", { max: Math.max(total, 1), value: done, "aria-label": _("How far the replay is") }));
    return;
  }
  fill(progress);
  if (run.state !== "done") {
    /** @type {Record<string, string>} */
    const words = { refused: _("This cannot be tried as it stands."), cancelled: _("The replay was cancelled."), interrupted: _("The replay was interrupted: the service was restarted meanwhile.") };
    fill(byId("try-found"), h("div", { class: "problem" }, h("p", {}, words[run.state] ?? _("The replay failed.")), run.reason && h("p", { class: "small", lang: "en" }, run.reason)));
    return;
  }
  try {
    const result = await get(`/v1/runs/${run.id}/result.json`);
    fill(byId("try-found"), showPreview(result, titles[result.rule] ?? result.rule, settingWord));
    announce(_("{present} fired, {changed} would have fired.", { present: number(result.present.n), changed: number(result.changed.n) }));
  } catch (error) {
    fill(byId("try-found"), told(error));
  }
}

if (form) {
  for (const id of ["try-rule", "try-gate", "try-direction"]) byId(id).addEventListener("change", drawSettings);
  onSubmit(form, async (values) => {
    const run = await post("/v1/rules/preview", {
      rule: values.get("rule"), gate: values.get("gate") || null, direction: values.get("direction") || null, days: Number(values.get("days")), settings: changes(values),
    });
    follow(run.id);
  });
  for (const button of document.querySelectorAll("[data-try]")) {
    button.addEventListener("click", () => {
      /** @type {HTMLSelectElement} */ (byId("try-rule")).value = /** @type {HTMLElement} */ (button).dataset.try ?? "";
      drawSettings();
      byId("try-title").scrollIntoView({ block: "start" });
      byId("try-rule").focus({ preventScroll: true });
    });
  }
  get("/v1/rules").then((found) => {
    for (const rule of found.rules) rules.set(rule.rule, rule);
    drawSettings();
  }, (error) => fill(byId("try-settings"), told(error)));
}
const id = new URLSearchParams(location.search).get("run");
if (id && /^[0-9a-f]+$/.test(id)) follow(id);
