// What the page of comparisons knows: the form, its mistakes, and what can be planned. The form is kept in the browser,
// so that neither a reload nor a restart of the service loses it.

import { h } from "../shared/dom.js";
import { pick } from "../shared/words.js";

/** @typedef {{ policy: string, settings: Record<string, any> }} Part */
/** @typedef {{ title: string, policies: Part[] }} Alternative */
/**
 * @typedef {object} Asked
 * @property {string} scenario
 * @property {Alternative[]} alternatives
 * @property {number} days
 * @property {number | null} warmup_days
 * @property {number} replications
 * @property {number} seed
 * @property {string} demand_response
 * @property {number} horizon_h for what begins from the state now
 */
/** @typedef {{ place: string, key: string, text: string }} Fault */
const KEPT = "gatewatch-plan";
export const NOW = "now"; // in the place of a scenario: the state now
export const mayRun = document.querySelector(".plan")?.getAttribute("data-may-run") === "true";
export const mayDecide = document.querySelector(".plan")?.getAttribute("data-may-decide") === "true";

export const state = {
  /** @type {any} what GET /v1/policies tells; null before it has */
  known: null,
  /** @type {any[]} */
  scenarios: [],
  /** @type {Asked} */
  asked: kept(),
  /** @type {Fault[]} */
  faults: [],
};

/** @returns {Asked} */
function kept() {
  /** @type {Asked} */
  const first = {
    scenario: NOW, alternatives: [{ title: "", policies: [{ policy: "huu_nghi_two_hours_later", settings: {} }] }], days: 3, warmup_days: 1,
    replications: 20, seed: 1, demand_response: "fixed", horizon_h: 24,
  };
  try {
    return { ...first, ...JSON.parse(localStorage.getItem(KEPT) || "{}") };
  } catch {
    return first;
  }
}

/** Keep the form. */
export function keep() {
  try {
    localStorage.setItem(KEPT, JSON.stringify(state.asked));
  } catch {
    // A browser that keeps nothing loses the form with the page, and nothing else.
  }
}

/** @param {Alternative} alternative */
export function nameOf(alternative) {
  return alternative.policies.map((part) => policyTitle(part.policy)).filter((text) => text).join(" + ").slice(0, 100);
}

/**
 * Return how an alternative is called in each language: as it was named, or after what it does.
 * @param {Alternative} alternative
 * @returns {{ vi: string, en: string }}
 */
export function namesOf(alternative) {
  const said = (/** @type {"vi" | "en"} */ language) => alternative.title
    || alternative.policies.map((part) => policy(part.policy)?.title[language] ?? part.policy).join(" + ").slice(0, 200);
  return { vi: said("vi"), en: said("en") };
}

/** @param {string} name */
const policyTitle = (name) => (policy(name) ? pick(policy(name).title) : "");

/** @param {string} name */
function policy(name) {
  const named = (/** @type {any[] | undefined} */ list) => list?.find((one) => one.name === name);
  return named(state.known?.ready) ?? named(state.known?.kinds);
}

/**
 * @param {string} text
 * @param {() => void} act
 */
export function button(text, act) {
  return h("button", { type: "button", class: "button", onclick: act }, text);
}
