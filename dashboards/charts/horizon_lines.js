// Lines over how far a forecast looks ahead, drawn as SVG so that they print; each with its name at its end.

import { s } from "../shared/dom.js";
import { NOT_KNOWN, number } from "../shared/format.js";
import { _ } from "../shared/words.js";

const HEIGHT = 240;
const LEFT = 44;
const NARROW = "(max-width: 700px)"; // a phone: letters must stay as large
const TOP = 28;
const BOTTOM = 34;
const APART = 15;

/**
 * @typedef {object} Line
 * @property {string} label
 * @property {(number | null)[]} values one for each hour ahead
 *
 * @typedef {object} About
 * @property {string} title what it shows, for who listens
 * @property {string} unit of the values
 * @property {number} [top] the highest value of the axis; without it, what the values need
 * @property {[number, number]} [wanted] between which values are as they should be
 */

/**
 * Return the chart.
 * @param {number[]} hours ahead, ascending
 * @param {Line[]} lines three at most
 * @param {About} about
 * @returns {SVGElement}
 */
export function horizonLines(hours, lines, about) {
  const [width, right] = matchMedia(NARROW).matches ? [390, 116] : [640, 150];
  const highest = about.top ?? Math.max(1, ...lines.flatMap((line) => line.values.map((value) => value ?? 0)));
  const step = niceStep(highest / 4);
  const top = Math.ceil(highest / step) * step;
  const first = hours[0] ?? 0;
  const last = hours.at(-1) ?? 1;
  const x = (/** @type {number} */ hour) => LEFT + ((hour - first) / Math.max(1, last - first)) * (width - LEFT - right);
  const y = (/** @type {number} */ value) => HEIGHT - BOTTOM - (value / top) * (HEIGHT - TOP - BOTTOM);
  const chart = s("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": about.title });
  if (about.wanted) {
    const [low, high] = about.wanted;
    chart.append(s("rect", { class: "wanted", x: LEFT, width: width - LEFT - right, y: y(high).toFixed(1), height: (y(low) - y(high)).toFixed(1) }));
  }
  for (let value = 0; value <= top + step / 2; value += step) {
    chart.append(
      s("line", { class: "grid-line", x1: LEFT, x2: width - right, y1: y(value).toFixed(1), y2: y(value).toFixed(1) }),
      s("text", { x: LEFT - 6, y: (y(value) + 4).toFixed(1), "text-anchor": "end" }, number(value, step < 1 ? 1 : 0)),
    );
  }
  chart.append(s("text", { x: LEFT - 6, y: 12, "text-anchor": "end" }, about.unit));
  for (const hour of new Set((width < 500 ? [0, 0.5, 1] : [0, 0.25, 0.5, 0.75, 1]).map((share) => hours[Math.round(share * (hours.length - 1))] ?? 0))) {
    chart.append(s("text", { x: x(hour).toFixed(1), y: HEIGHT - BOTTOM + 18, "text-anchor": "middle" }, `${number(hour)} ${_("h")}`));
  }
  const ends = spread(lines.map((line) => y(line.values.at(-1) ?? 0)));
  lines.forEach((line, n) => {
    let isDown = false;
    let path = "";
    line.values.forEach((value, place) => {
      if (value !== null) path += `${isDown ? "L" : "M"}${x(hours[place] ?? 0).toFixed(1)} ${y(value).toFixed(1)}`;
      isDown = value !== null;
    });
    chart.append(s("path", { class: `line-${n + 1}`, d: path || "M0 0" }));
    if (path) chart.append(s("text", { class: `label label-${n + 1}`, x: width - right + 8, y: ((ends[n] ?? 0) + 4).toFixed(1) }, line.label));
  });
  return chart;
}

/**
 * Keep labels apart, from the top down.
 * @param {number[]} places
 */
function spread(places) {
  const found = [...places];
  const order = places.map((_unused, n) => n).sort((a, b) => (places[a] ?? 0) - (places[b] ?? 0));
  order.forEach((n, k) => {
    const above = k ? found[order[k - 1] ?? 0] ?? 0 : -Infinity;
    found[n] = Math.max(found[n] ?? 0, above + APART);
  });
  const over = Math.max(0, Math.max(...found) - (HEIGHT - BOTTOM));
  return found.map((place) => place - over);
}

/** @param {number} least */
function niceStep(least) {
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 0.1)));
  return [1, 2, 2.5, 5, 10].map((n) => n * power).find((step) => step >= least) ?? 10 * power;
}

/**
 * Return the values as rows: the chart's twin.
 * @param {number[]} hours
 * @param {Line[]} lines
 * @param {number} digits
 * @returns {{ head: string[], rows: string[][] }}
 */
export function horizonRows(hours, lines, digits) {
  return {
    head: [_("Hours ahead"), ...lines.map((line) => line.label)],
    rows: hours.map((hour, place) => [number(hour), ...lines.map((line) => number(line.values[place] ?? null, digits) || NOT_KNOWN)]),
  };
}
