// Search: a gate, a page, an alarm that fires, a source; written without diacritics too.

import { get } from "../shared/api.js";
import { dataOf, fill, h } from "../shared/dom.js";
import { isFound } from "../shared/folding.js";
import { listen } from "../shared/stream.js";
import { _, language, languageOf, pick } from "../shared/words.js";

/** @typedef {{ text: string, hint: string, url: string, lang?: string, also?: string }} Find */

const MOST = 12;

/** @type {{ gates: [string, string][], pages: [string, string][] }} */
const shell = document.getElementById("shell") ? dataOf("shell") : { gates: [], pages: [] };
/** @type {Find[]} */
const places = [
  ...shell.gates.map(([id, text]) => ({ text, hint: _("Gate"), url: `/g/${encodeURIComponent(id)}`, also: id })),
  ...shell.pages.map(([url, text]) => ({ text, hint: _("Page"), url })),
  ...shell.gates.map(([id, text]) => ({ text, hint: _("Alarms of the gate"), url: `/alarms?gate=${encodeURIComponent(id)}`, also: id })),
];
/** @type {Find[]} */
let alarms = [];
/** @type {Find[]} */
let sources = [];
/** What an open search does when there is more to find. */
let onMore = () => {};

if (shell.gates.length) {
  listen("alerts", (found) => {
    alarms = found.alerts
      .filter((/** @type {any} */ alert) => alert.rule !== "watchdog" && alert.state !== "resolved")
      .map((/** @type {any} */ alert) => ({ text: pick(alert.sentence), hint: _("Alarm"), url: `/alarms#${encodeURIComponent(alert.id)}`, lang: languageOf(alert.sentence), also: alert.rule }));
    onMore();
  });
}

/** Ask what is sought, in a dialog over the page. */
export function openFinder() {
  if (document.querySelector("dialog[open]")) return;
  const list = h("ul", { class: "finds", id: "finds", role: "listbox", "aria-label": _("Found") });
  const nothing = h("p", { class: "muted", role: "status" });
  const field = /** @type {HTMLInputElement} */ (h("input", {
    id: "find-field", type: "search", autocomplete: "off", spellcheck: "false", role: "combobox", "aria-expanded": "true", "aria-controls": "finds",
    "aria-autocomplete": "list", "aria-describedby": "find-help",
  }));
  const dialog = /** @type {HTMLDialogElement} */ (h("dialog", { class: "sheet", "aria-labelledby": "find-title" },
    h("div", { class: "field" }, h("label", { for: "find-field", id: "find-title" }, _("Search gates, pages, alarms, sources")), field,
      h("small", { id: "find-help" }, _("Without diacritics too: huu nghi. Arrows choose, Enter goes there, Esc closes."))),
    list, nothing));
  /** @type {Find[]} */
  let found = [];
  let chosen = 0;

  function seek() {
    const sought = field.value.trim();
    found = [...places, ...alarms, ...sources].filter((one) => isFound(`${one.text} ${one.also ?? ""} ${one.hint}`, sought)).slice(0, MOST);
  }

  function show() {
    fill(list, found.map((one, place) => h("li", {
      id: `find-${place}`, role: "option", "aria-selected": String(place === chosen), onclick: () => go(one),
    }, h("span", { lang: one.lang }, one.text), h("span", { class: "muted small" }, one.hint))));
    fill(nothing, found.length ? null : _("Nothing has these words."));
    field.setAttribute("aria-activedescendant", found.length ? `find-${chosen}` : "");
    list.children[chosen]?.scrollIntoView({ block: "nearest" });
  }

  /** @param {Find | undefined} one */
  function go(one) {
    if (!one) return;
    dialog.close();
    location.assign(one.url);
  }

  // What arrives meanwhile moves nothing from under the hand: the one that was chosen stays so.
  function more() {
    const [before, url] = [JSON.stringify(found), found[chosen]?.url];
    seek();
    if (JSON.stringify(found) === before) return;
    chosen = Math.max(0, found.findIndex((one) => one.url === url));
    show();
  }

  function seekAnew() {
    seek();
    chosen = 0;
    show();
  }

  field.addEventListener("input", seekAnew);
  field.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length) {
      chosen = (chosen + step + found.length) % found.length;
      show();
    } else if (event.key === "Enter") go(found[chosen]);
    else return;
    event.preventDefault();
  });
  dialog.addEventListener("close", () => {
    onMore = () => {};
    dialog.remove();
  });
  document.body.append(dialog);
  onMore = more;
  seekAnew();
  dialog.showModal();
  field.focus();
  if (!sources.length) {
    get("/v1/feeds").then((told) => {
      sources = told.sources.map((/** @type {any} */ one) => ({
        text: (language === "vi" ? one.title_vi : one.title) || one.source, hint: _("Source"), url: `/feeds?source=${encodeURIComponent(one.source)}`, also: one.source,
      }));
      onMore();
    }, () => null);
  }
}
