// What the pages of the desk share: ids of what is sent, printing, waiting until live state knows a report.

import { get } from "./api.js";

const PATIENCE_MS = 5000;
const BETWEEN_MS = 150;

/** Return an id for something that is sent: sent again, it is the same. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Let a button print the page.
 * @param {string} id
 */
export function printOn(id) {
  document.getElementById(id)?.addEventListener("click", () => window.print());
}

/**
 * Wait until live state knows a report, so that the page that is loaded then shows it.
 * @param {number | null} rev
 */
export async function known(rev) {
  const until = performance.now() + PATIENCE_MS;
  while (rev !== null && performance.now() < until && (await get("/v1/province")).rev < rev) {
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
  }
}

/**
 * Return the values of a form as an object, without those that are empty.
 * @param {FormData} values
 * @returns {Record<string, string>}
 */
export function filled(values) {
  /** @type {Record<string, string>} */
  const found = {};
  for (const [name, value] of values) {
    if (typeof value === "string" && value.trim()) found[name] = value.trim();
  }
  return found;
}
