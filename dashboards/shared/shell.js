// What every page does: clocks, stream, what is urgent, colours without loading the page anew, sign-out, menus, keys.

import * as keys from "../elements/key_sheet.js";
import * as urgent from "../elements/urgent.js";
import { signOut } from "./api.js";
import { follow } from "./stream.js";

void keys, urgent;

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

/** @param {Element} menu */
function shut(menu) {
  menu.removeAttribute("open");
}

document.addEventListener("keydown", (event) => {
  const menu = document.querySelector("details.menu[open]");
  if (!menu) return;
  if (event.key === "Escape") {
    if (menu.contains(document.activeElement)) menu.querySelector("summary")?.focus();
    shut(menu);
  } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && menu.closest("nav") && menu.contains(document.activeElement)) {
    const links = [...menu.querySelectorAll("a")].filter((link) => link.getClientRects().length > 0);
    const at = links.findIndex((link) => link === document.activeElement);
    links[(at + (event.key === "ArrowDown" ? 1 : -1) + links.length) % links.length]?.focus();
    event.preventDefault();
  }
});
for (const kind of ["click", "focusin"]) {
  document.addEventListener(kind, (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(/** @type {Node} */ (event.target))) shut(menu);
  });
}
