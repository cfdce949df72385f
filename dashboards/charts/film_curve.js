// How many wait over a film's day, a line for each direction, under the picture: where a jam is, before one has watched it.

import { h, s } from "../shared/dom.js";
import { directionWord } from "../shared/format.js";

const STEP_S = 900;
const WIDTH = 960;
const HEIGHT = 56;
const WAITING = [0, 3]; // states of legs: in a queue, on the road

/** @typedef {{ at: number, n: number, flow: number }} Worst when most wait [s], how many, which flow */

/**
 * Return for each flow how many wait at each quarter-hour.
 * @param {any} film
 * @returns {number[][]}
 */
export function waitingOver(film) {
  const steps = Math.max(1, Math.ceil(film.length_s / STEP_S)); // at its very end nobody is inside any more
  /** @type {number[][]} */
  const changes = film.flows.map(() => new Array(steps + 1).fill(0));
  const { begins, ends, place, state } = film.legs;
  for (let leg = 0; leg < begins.length; leg += 1) {
    if (!WAITING.includes(state[leg])) continue;
    const from = Math.max(0, Math.ceil(begins[leg] / STEP_S)), to = Math.min(steps, Math.ceil(ends[leg] / STEP_S));
    if (from >= to) continue;
    const counts = changes[film.places[place[leg]].flow];
    counts[from] += 1;
    counts[to] -= 1;
  }
  return changes.map((counts) => {
    let n = 0;
    return counts.slice(0, steps).map((change) => (n += change));
  });
}

/**
 * Return when most vehicles wait in one direction.
 * @param {number[][]} waiting
 * @returns {Worst}
 */
export function worstOf(waiting) {
  let worst = { at: 0, n: 0, flow: 0 };
  waiting.forEach((counts, flow) => counts.forEach((n, step) => n > worst.n && (worst = { at: step * STEP_S, n, flow })));
  return worst;
}

/**
 * Return the lines; the sentence beside them says the same.
 * @param {any} film
 * @param {number[][]} waiting
 * @returns {Node[]}
 */
export function filmCurve(film, waiting) {
  const most = Math.max(1, ...waiting.flat());
  const lines = waiting.map((counts, flow) => {
    const points = counts.map((n, step) => `${((step * STEP_S * WIDTH) / film.length_s).toFixed(1)},${(HEIGHT - 2 - (n / most) * (HEIGHT - 6)).toFixed(1)}`);
    return s("polyline", { points: points.join(" "), class: `line-${flow}`, fill: "none", "vector-effect": "non-scaling-stroke" });
  });
  return [
    s("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" }, lines),
    h("p", { class: "small muted" }, film.flows.map((/** @type {any} */ flow, /** @type {number} */ n) => h("span", { class: `of-${n}` }, directionWord(flow.direction)))),
  ];
}
