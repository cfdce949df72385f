// The form of a comparison: cards made from the schemas of the kinds of policies, with mistakes told at their fields.

import { settingsForm } from "../elements/settings_form.js";
import { post, told } from "../shared/api.js";
import { byId, fill, h } from "../shared/dom.js";
import { day } from "../shared/format.js";
import { _, pick } from "../shared/words.js";
import { button, keep, mayRun, nameOf, NOW, state } from "./plan_state.js";

/** @typedef {import("./plan_state.js").Part} Part */
/** @typedef {import("./plan_state.js").Alternative} Alternative */
/** @typedef {import("./plan_state.js").Fault} Fault */

const MOST = 4;
export const form = /** @type {HTMLFormElement} */ (byId("ask"));
export const answer = /** @type {HTMLElement} */ (form.querySelector(".answer"));

/** Draw the form as it is kept. */
export function drawForm() {
  if (!mayRun) {
    fill(byId("fields"), h("p", { class: "muted" }, _("Planners, coordinators and admins run comparisons; here you read what was run.")));
    return;
  }
  fill(
    byId("fields"),
    h("div", { class: "field" }, h("label", { for: "scenario" }, _("Begins from")), scenarioSelect(), scenarioNote()),
    state.asked.alternatives.map((alternative, n) => card(alternative, n)),
    h(
      "div",
      { class: "acts field" },
      state.asked.alternatives.length < MOST && button(_("One more alternative"), () => {
        state.asked.alternatives.push({ title: "", policies: [{ policy: "", settings: {} }] });
        change();
      }),
    ),
    state.asked.scenario === NOW ? numberField("horizon_h", _("Hours ahead"), 1, 168, "") : h(
      "div",
      { class: "pair" },
      numberField("days", _("Days"), 1, 92, _("days that are measured")),
      numberField("replications", _("Repetitions"), 2, 500, _("more make the answer surer")),
    ),
    state.asked.scenario !== NOW && h(
      "details",
      { open: state.faults.some((fault) => ["warmup_days", "seed"].includes(fault.place)) },
      h("summary", {}, _("More about the comparison")),
      h("div", { class: "pair" }, numberField("warmup_days", _("Days before, left out"), 0, 31, ""), numberField("seed", _("Seed"), 0, 2 ** 53 - 1, "")),
      h("div", { class: "field" }, h("label", { for: "demand_response" }, _("When opening hours change, demand")), demandSelect()),
    ),
    h("button", { class: "button main" }, _("Compare")),
  );
}

/** Keep the form and draw it anew. */
export function change() {
  keep();
  drawForm();
}

function scenarioSelect() {
  const element = /** @type {HTMLSelectElement} */ (
    h("select", { id: "scenario" }, h("option", { value: NOW, selected: state.asked.scenario === NOW }, _("The state now")), state.scenarios.map((one) => h("option", { value: one.name, selected: one.name === state.asked.scenario }, pick(one.title))))
  );
  element.addEventListener("change", () => {
    state.asked.scenario = element.value;
    change();
  });
  return element;
}

function scenarioNote() {
  const found = state.scenarios.find((one) => one.name === state.asked.scenario);
  return found ? h("small", {}, _("from {day}", { day: day(`${found.start}T05:00:00Z`) })) : null;
}

function demandSelect() {
  const options = [
    ["fixed", _("stays as it is")],
    ["shifts", _("shifts into the new hours")],
    ["latent", _("grows with the open hours")],
  ];
  const element = /** @type {HTMLSelectElement} */ (
    h("select", { id: "demand_response" }, options.map(([key, text]) => h("option", { value: key, selected: key === state.asked.demand_response }, text)))
  );
  element.addEventListener("change", () => {
    state.asked.demand_response = element.value;
    keep();
  });
  return element;
}

/**
 * @param {"days" | "replications" | "warmup_days" | "seed" | "horizon_h"} key
 * @param {string} label
 * @param {number} min
 * @param {number} max
 * @param {string} about
 */
function numberField(key, label, min, max, about) {
  const own = state.faults.filter((fault) => fault.place === key);
  const element = /** @type {HTMLInputElement} */ (
    h("input", { id: key, type: "number", min, max, step: 1, value: state.asked[key] ?? null, "aria-invalid": own.length > 0 && "true" })
  );
  element.addEventListener("input", () => {
    // @ts-ignore: a missing number is told by the service at its field
    state.asked[key] = element.value === "" ? null : Number(element.value);
    keep();
  });
  return h(
    "div",
    { class: "field" },
    h("label", { for: key }, label),
    element,
    h("small", { class: own.length ? "wrong" : "", lang: own.length ? "en" : null }, own.length ? own.map((fault) => fault.text).join(" ") : about),
  );
}

/**
 * @param {Alternative} alternative
 * @param {number} n
 */
function card(alternative, n) {
  const title = /** @type {HTMLInputElement} */ (
    h("input", { id: `title-${n}`, value: alternative.title, maxlength: 100, placeholder: nameOf(alternative), autocomplete: "off" })
  );
  title.addEventListener("input", () => {
    alternative.title = title.value;
    keep();
  });
  return h(
    "fieldset",
    { class: "card" },
    h("legend", {}, _("Alternative {n}", { n: n + 1 })),
    alternative.policies.map((part, k) => policyFields(alternative, part, n, k)),
    h("details", { open: alternative.title !== "" }, h("summary", {}, _("Name of this alternative")),
      h("div", { class: "field" }, h("label", { class: "spoken", for: `title-${n}` }, _("Name of this alternative")), title)),
    h(
      "div",
      { class: "acts" },
      alternative.policies.length < 6 && button(_("And also …"), () => {
        alternative.policies.push({ policy: "", settings: {} });
        change();
      }),
      state.asked.alternatives.length > 1 && button(_("Remove alternative {n}", { n: n + 1 }), () => {
        state.asked.alternatives.splice(n, 1);
        state.faults = [];
        change();
      }),
    ),
  );
}

/**
 * @param {Alternative} alternative
 * @param {Part} part
 * @param {number} n
 * @param {number} k
 */
function policyFields(alternative, part, n, k) {
  const ready = state.known.ready.find((/** @type {any} */ one) => one.name === part.policy);
  const kind = state.known.kinds.find((/** @type {any} */ one) => one.name === (ready ? ready.kind : part.policy));
  const own = state.faults.filter((fault) => fault.place === `alternatives.${n}.policies.${k}` || fault.place.startsWith(`alternatives.${n}.policies.${k}.`));
  const fields = new Set(kind ? Object.keys(kind.schema.properties) : []);
  const loose = own.filter((fault) => !fields.has(fault.key));
  return h(
    "div",
    { class: "policy" },
    h("div", { class: "field" }, h("label", { for: `policy-${n}-${k}` }, k ? _("And also") : _("What is done")), policySelect(part, n, k),
      loose.length > 0 && h("small", { class: "wrong", lang: "en" }, loose.map((fault) => fault.text).join(" "))),
    ready?.conditions && pick(ready.conditions) && h("details", {}, h("summary", {}, _("Conditions")), h("p", { class: "small" }, pick(ready.conditions)),
      pick(ready.effect) && h("p", { class: "small" }, _("Reported: {text}", { text: pick(ready.effect) }))),
    kind &&
      settingsForm(kind, ready ? { ...ready.settings, ...part.settings } : part.settings, placesFor(kind), (key, value) => {
        if (value === undefined) delete part.settings[key];
        else part.settings[key] = value;
        keep();
      }, own),
    alternative.policies.length > 1 && button(_("Remove this"), () => {
      alternative.policies.splice(k, 1);
      state.faults = [];
      change();
    }),
  );
}

/**
 * Return what can be chosen for a kind: only one that reopens a gate is about gates that are shut for good.
 * @param {any} kind
 */
function placesFor(kind) {
  return kind.name === "reopen_gate" ? state.known : { ...state.known, gates: state.known.gates.filter((/** @type {any} */ gate) => !gate.is_dormant) };
}

/**
 * @param {Part} part
 * @param {number} n
 * @param {number} k
 */
function policySelect(part, n, k) {
  const option = (/** @type {any} */ one) => h("option", { value: one.name, selected: one.name === part.policy }, pick(one.title));
  const element = /** @type {HTMLSelectElement} */ (
    h(
      "select",
      { id: `policy-${n}-${k}` },
      h("option", { value: "" }, _("Choose …")),
      h("optgroup", { label: _("With own settings") }, state.known.kinds.map(option)),
      h("optgroup", { label: _("Ready policies") }, state.known.ready.map(option)),
    )
  );
  element.addEventListener("change", () => {
    part.policy = element.value;
    part.settings = {};
    state.faults = [];
    change();
    document.getElementById(`policy-${n}-${k}`)?.focus();
  });
  return element;
}

/**
 * Send the form when it is submitted.
 * @param {(id: string) => void} follow is told the run
 */
export function onAsked(follow) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const send = /** @type {HTMLButtonElement | null} */ (form.querySelector("button.main"));
    if (!send || send.getAttribute("aria-disabled") === "true") return;
    state.faults = unchosen();
    if (state.faults.length) {
      toldAtFields();
      return;
    }
    send.setAttribute("aria-disabled", "true");
    try {
      const run = await asked();
      fill(answer);
      follow(run.id);
    } catch (error) {
      state.faults = ofReasons(/** @type {any} */ (error).reasons ?? []);
      if (state.faults.length) toldAtFields();
      else fill(answer, told(error));
    } finally {
      form.querySelector("button.main")?.removeAttribute("aria-disabled");
    }
  });
}

/** Ask for what the form says, and return the run. */
function asked() {
  const { horizon_h, ...request } = state.asked;
  if (request.scenario === NOW) return post("/v1/forecasts", { alternatives: request.alternatives, horizon_h });
  return post("/v1/runs", { kind: "comparison", request });
}

/** @returns {Fault[]} */
function unchosen() {
  return state.asked.alternatives.flatMap((alternative, n) =>
    alternative.policies.flatMap((part, k) => (part.policy ? [] : [{ place: `alternatives.${n}.policies.${k}`, key: "", text: _("Choose what is done.") }])),
  );
}

/**
 * Return the mistakes that the service told, by their place in the request.
 * @param {string[]} reasons
 * @returns {Fault[]}
 */
function ofReasons(reasons) {
  return reasons.flatMap((reason) => {
    const found = /^request\.([\w.]+): (.*)$/.exec(reason);
    if (!found) return [];
    const setting = /^(alternatives\.\d+\.policies\.\d+)\.settings\.(\w+)/.exec(found[1]);
    return [{ place: setting ? setting[1] : found[1], key: setting ? setting[2] : "", text: found[2] }];
  });
}

/** Show mistakes at their fields, and go to the first. */
export function toldAtFields() {
  drawForm();
  const summary = h("p", {}, _("{n} things are not right yet; they are told at their fields.", { n: state.faults.length }));
  const general = state.faults.filter((fault) => fault.place === "");
  fill(answer, h("div", { class: "problem" }, summary, general.map((fault) => h("p", { class: "small", lang: "en" }, fault.text))));
  const first = /** @type {HTMLElement | null} */ (form.querySelector("[aria-invalid=true], .wrong"));
  first?.scrollIntoView({ block: "center" });
  if (first instanceof HTMLInputElement || first instanceof HTMLSelectElement) first.focus();
}
