// A number with its companions: unit and quality beside it, age, band and method on hover, focus or a tap.

import { fill, h, say } from "../shared/dom.js";
import { age, band, clock, methodWord, NOT_KNOWN, number, plusMinus, qualityWord, unit } from "../shared/format.js";
import { _ } from "../shared/words.js";

/**
 * @typedef {object} Figure
 * @property {number | null} value
 * @property {string} unit
 * @property {number | null} [low]
 * @property {number | null} [high]
 * @property {string} [quality]
 * @property {string} [method]
 * @property {string | null} [as_of]
 * @property {number | null} [age_s]
 * @property {string[]} [sources]
 * @property {[string, string][]} [more] further rows of the tip
 * @property {string} [text] what is shown instead of the number
 */

/**
 * @typedef {object} Shown
 * @property {string} label what it is, for the tip and for who listens
 * @property {number} [digits]
 * @property {boolean} [withBand] the band beside the number
 */

/** @type {WeakMap<Element, { figure: Figure, shown: Shown }>} */
const held = new WeakMap();

/**
 * Return an element for a figure; `setFigure` gives it the number.
 * @param {Shown} shown
 * @param {Figure} [figure]
 * @returns {HTMLElement}
 */
export function figureOf(shown, figure) {
  const element = h(
    "button",
    { type: "button", class: "figure", "aria-expanded": "false" },
    h("span", { class: "spoken" }, `${shown.label}: `),
    h("span", { class: "value" }, NOT_KNOWN),
    " ",
    h("span", { class: "unit" }),
    " ",
    h("span", { class: "band" }),
    " ",
    h("span", { class: "quality" }),
  );
  held.set(element, { figure: figure ?? { value: null, unit: "" }, shown });
  if (figure) setFigure(element, figure);
  return element;
}

/**
 * Show another figure in an element made by `figureOf`.
 * @param {HTMLElement} element
 * @param {Figure} figure
 */
export function setFigure(element, figure) {
  const entry = held.get(element);
  if (!entry) return;
  entry.figure = figure;
  const { digits = 0, withBand = false } = entry.shown;
  const quality = figure.quality ?? "";
  say(element.querySelector(".value"), figure.text ?? number(figure.value, digits));
  say(element.querySelector(".unit"), figure.value === null || figure.text ? "" : unit(figure.unit));
  say(element.querySelector(".band"), withBand ? plusMinus(figure.low, figure.high, digits) : "");
  const letter = element.querySelector(".quality");
  say(letter, quality);
  letter?.toggleAttribute("hidden", !quality);
  if (element.dataset.quality !== quality) element.dataset.quality = quality;
  if (owner === element) fill(tip, rows(entry));
}

/**
 * @param {{ figure: Figure, shown: Shown }} entry
 * @returns {HTMLElement}
 */
function rows({ figure, shown }) {
  const digits = shown.digits ?? 0;
  /** @type {[string, string][]} */
  const found = [[shown.label, `${figure.text ?? number(figure.value, digits)} ${figure.text ? "" : unit(figure.unit)}`]];
  if (figure.low !== undefined) found.push([_("Band (90 of 100)"), band(figure.low, figure.high, digits)]);
  if (figure.as_of !== undefined) {
    const at = figure.as_of === null ? NOT_KNOWN : `${clock(figure.as_of)}, ${age(figure.age_s)}`;
    found.push([_("As of"), at]);
  }
  if (figure.quality) found.push([_("Quality"), `${figure.quality}: ${qualityWord(figure.quality)}`]);
  if (figure.method) found.push([_("Method"), methodWord(figure.method)]);
  if (figure.sources?.length) found.push([_("Sources"), figure.sources.join(", ")]);
  found.push(...(figure.more ?? []));
  return h("dl", {}, found.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}

// One tip for the page: it stays while pointed at, goes with Escape, and never covers its number.
const tip = h("div", { class: "tip", role: "status", hidden: true });
document.body.append(tip);
/** @type {HTMLElement | null} */
let owner = null;
let isPinned = false;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let leaving;

/** @param {HTMLElement} element */
function open(element) {
  clearTimeout(leaving);
  const entry = held.get(element);
  if (!entry) return;
  if (owner !== element) close();
  owner = element;
  element.setAttribute("aria-expanded", "true");
  fill(tip, rows(entry));
  tip.hidden = false;
  const box = element.getBoundingClientRect();
  const own = tip.getBoundingClientRect();
  const under = box.bottom + 6 + own.height < window.innerHeight;
  tip.style.top = `${Math.max(8, under ? box.bottom + 6 : box.top - own.height - 6)}px`;
  tip.style.left = `${Math.max(8, Math.min(box.left, window.innerWidth - own.width - 8))}px`;
}

function close() {
  clearTimeout(leaving);
  owner?.setAttribute("aria-expanded", "false");
  owner = null;
  isPinned = false;
  tip.hidden = true;
}

/** @param {Event} event @returns {HTMLElement | null} */
const figureAt = (event) => (event.target instanceof Element ? event.target.closest("button.figure") : null);

document.addEventListener("pointerover", (event) => {
  const element = figureAt(event);
  if (element && event.pointerType === "mouse" && !isPinned) open(element);
  else if (tip.contains(/** @type {Node} */ (event.target))) clearTimeout(leaving);
});
document.addEventListener("pointerout", (event) => {
  if (owner && !isPinned && event.pointerType === "mouse") {
    clearTimeout(leaving);
    leaving = setTimeout(close, 200);
  }
});
document.addEventListener("focusin", (event) => {
  const element = figureAt(event);
  if (element) open(element);
  else if (owner && !isPinned) close();
});
document.addEventListener("click", (event) => {
  const element = figureAt(event);
  if (element) {
    const again = owner === element && isPinned;
    if (again) close();
    else {
      open(element);
      isPinned = true;
    }
  } else if (owner && !tip.contains(/** @type {Node} */ (event.target))) close();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && owner) close();
});
window.addEventListener("scroll", () => owner && !isPinned && close(), { passive: true });
