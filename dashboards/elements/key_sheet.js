// Keys that hold on every page, the sheet that tells them, and their switch: one letter is easily pressed by mistake.

import { dataOf, h } from "../shared/dom.js";
import { isTyping } from "../shared/typing.js";
import { _ } from "../shared/words.js";
import { openFinder } from "./finder.js";

const OFF = "gatewatch-keys-off";

/** @type {{ gates: [string, string][] }} */
const shell = document.getElementById("shell") ? dataOf("shell") : { gates: [] };

/** @type {Map<string, () => void>} */
const ofPage = new Map();

/**
 * Let a page say what `a` or `n` does on it.
 * @param {string} key
 * @param {() => void} act
 */
export function onKey(key, act) {
  ofPage.set(key, act);
}

const isOff = () => {
  try {
    return localStorage.getItem(OFF) === "yes";
  } catch {
    return false;
  }
};

/** Put focus on the button that takes the most urgent alarm on; where none is shown, go to the alarms. */
function toTake() {
  const focused = document.activeElement;
  const found = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-acknowledge], #urgent-take")]).filter((one) => one.getClientRects().length > 0);
  if (focused instanceof HTMLElement && found.includes(focused)) focused.click();
  else if (found.length) found[0].focus();
  else if (location.pathname !== "/alarms") location.assign("/alarms");
}

/** Go to where a note is written: the log of the gate that is looked at. */
function toNote() {
  const field = document.getElementById("note-text");
  if (field) {
    field.focus();
    return;
  }
  const [, gate] = /^\/g\/([^/]+)$/.exec(location.pathname) ?? [];
  location.assign(`/shift${gate ? `?gate=${gate}` : ""}#note-text`);
}

/** Tell the keys, in a dialog over the page. */
export function openKeySheet() {
  if (document.querySelector("dialog[open]")) return;
  const keys = (/** @type {string[]} */ names, /** @type {string} */ text) => [h("dt", {}, names.map((name) => [h("kbd", {}, name), " "]).flat()), h("dd", {}, text)];
  const onOff = /** @type {HTMLInputElement} */ (h("input", { type: "checkbox", id: "keys-on", checked: !isOff() }));
  const dialog = /** @type {HTMLDialogElement} */ (h("dialog", { class: "sheet", "aria-labelledby": "keys-title" },
    h("h2", { id: "keys-title", tabindex: -1, autofocus: true }, _("Keys")),
    h("dl", {},
      shell.gates.slice(0, 9).flatMap(([, title], place) => keys([String(place + 1)], title)),
      keys(["a"], _("Take the alarm in focus on; else go to the most urgent one that nobody has")),
      keys(["n"], _("Write a note: on the alarm, else in the shift log")),
      keys(["/"], _("Search gates, pages, alarms, sources")),
      keys(["?"], _("This sheet")),
      keys(["↑", "↓"], _("Through lists and charts")),
      keys(["Esc"], _("Close what is open over the page"))),
    h("p", {}, h("label", {}, onOff, " ", _("Keys of one letter are on in this browser"))),
    h("button", { type: "button", class: "button main", onclick: () => dialog.close() }, _("Close"))));
  onOff.addEventListener("change", () => {
    try {
      if (onOff.checked) localStorage.removeItem(OFF);
      else localStorage.setItem(OFF, "yes");
    } catch {
      onOff.checked = true;
    }
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/** @param {KeyboardEvent} event */
function press(event) {
  if (isTyping(event) || isOff() || document.querySelector("dialog[open]")) return;
  const gate = /^[1-9]$/.test(event.key) ? shell.gates[Number(event.key) - 1] : undefined;
  if (gate) location.assign(`/g/${encodeURIComponent(gate[0])}`);
  else if (event.key === "a") (ofPage.get("a") ?? toTake)();
  else if (event.key === "n") (ofPage.get("n") ?? toNote)();
  else if (event.key === "/") openFinder();
  else if (event.key === "?") openKeySheet();
  else return;
  event.preventDefault();
}

if (shell.gates.length) document.addEventListener("keydown", press);
document.getElementById("find")?.addEventListener("click", openFinder);
document.getElementById("key-sheet")?.addEventListener("click", () => {
  document.querySelector("details.menu[open]")?.removeAttribute("open");
  openKeySheet();
});
