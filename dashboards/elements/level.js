// A level: colour, shape and word together, so that none has to be seen.

import { s, h } from "../shared/dom.js";
import { levelWord } from "../shared/format.js";

/** @type {Record<string, string>} */
const SHAPES = {
  clear: "M8 3a5 5 0 1 0 .01 0zM8 4.6a3.4 3.4 0 1 1-.01 0z", // a ring: quiet
  busy: "M8 2 15 14H1z",
  congested: "M8 1 15 8 8 15 1 8z",
  critical: "M2 2h12v12H2z",
  unknown: "M2 2h12v12H2zM3.5 3.5v2l2-2zm0 4.5v2l6.500-6.500h-2zm0 4.500 9-9v2l-7 7zm4.500 0 4.500-4.500v2L10 12.500z",
  shut: "M7 1h2v7H7zM4.600 3.200l1.200 1.600a4 4 0 1 0 4.400 0l1.200-1.600a6 6 0 1 1-6.800 0z",
};

/**
 * Return a level's mark.
 * @param {string} level clear, busy, congested, critical, unknown or shut
 * @param {string} [word] another word than the level's own
 * @returns {HTMLElement}
 */
export function levelMark(level, word = levelWord(level)) {
  return h("span", { class: "level", "data-level": level }, shape(level), h("span", {}, word));
}

/**
 * Return a level's shape alone, for places that say the word elsewhere.
 * @param {string} level
 * @returns {SVGElement}
 */
export function shape(level) {
  const path = SHAPES[level] ?? SHAPES.unknown;
  return s("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, s("path", { d: path, fill: "currentColor", "fill-rule": "evenodd" }));
}
