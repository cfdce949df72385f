// What every page does: clocks, stream, colours without loading the page anew, sign-out, keys.

import { signOut } from "./api.js";
import { follow } from "./stream.js";

const root = document.documentElement;
const YEARS_S = 5 * 365 * 86400;

if (root.dataset.csrf || root.dataset.address) follow(root.dataset.address);

for (const form of document.querySelectorAll("form.themes")) {
  form.addEventListener("submit", (event) => {
    const button = /** @type {HTMLButtonElement | null} */ (/** @type {SubmitEvent} */ (event).submitter);
    if (!button) return;
    event.preventDefault();
    root.dataset.theme = button.value;
    document.cookie = `gatewatch-theme=${button.value}; path=/; max-age=${YEARS_S}; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
    for (const other of form.querySelectorAll("button")) other.setAttribute("aria-pressed", String(other === button));
    window.dispatchEvent(new Event("gatewatch:theme"));
  });
}

document.getElementById("sign-out")?.addEventListener("click", () => void signOut());

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    for (const menu of document.querySelectorAll("details.menu[open]")) menu.removeAttribute("open");
  }
});
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(/** @type {Node} */ (event.target))) menu.removeAttribute("open");
  }
});

/**
 * Whether a key was pressed to write, and not as a short cut.
 * @param {KeyboardEvent} event
 * @returns {boolean}
 */
export function isTyping(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  return event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName) || target.isContentEditable;
}
