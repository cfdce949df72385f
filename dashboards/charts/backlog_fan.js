// The backlog by hour of the day with its band, of doing nothing and of one alternative; drawn as SVG, so that it prints.

import { s } from "../shared/dom.js";
import { number } from "../shared/format.js";
import { _ } from "../shared/words.js";

const HEIGHT = 260;
const LEFT = 48;
const NARROW = "(max-width: 700px)"; // a phone: letters must stay as large, and names stand above their lines
const TOP = 12;
const BOTTOM = 28;

const HOURS = Array.from({ length: 24 }, (_unused, hour) => `${String(hour).padStart(2, "0")}:00`);

/**
 * @typedef {object} Fan
 * @property {string} label
 * @property {(number | null)[]} mean by hour, from 0
 * @property {(number | null)[]} p10
 * @property {(number | null)[]} p90
 */

/**
 * Return the chart; the first series is drawn dashed.
 * @param {Fan[]} series two at most
 * @param {string} title what it shows, for who listens
 * @param {string[]} [labels] what stands under each point; without it, the hours of a day
 * @returns {SVGElement}
 */
export function backlogFan(series, title, labels = HOURS) {
  const isNarrow = matchMedia(NARROW).matches;
  const [width, right] = isNarrow ? [400, 20] : [720, 150];
  const above = TOP + (isNarrow ? 15 * series.length : 0);
  const last = labels.length - 1;
  const highest = Math.max(1, ...series.flatMap((fan) => fan.p90.map((value) => value ?? 0)));
  const step = niceStep(highest / 4);
  const top = Math.ceil(highest / step) * step;
  const x = (/** @type {number} */ hour) => Math.round(10 * (LEFT + (hour / last) * (width - LEFT - right))) / 10;
  const y = (/** @type {number} */ value) => Math.round(10 * (HEIGHT - BOTTOM - (value / top) * (HEIGHT - above - BOTTOM))) / 10;
  const chart = s("svg", { class: "fan", viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": title });
  for (let value = 0; value <= top + step / 2; value += step) {
    chart.append(
      s("line", { class: "grid-line", x1: LEFT, x2: width - right, y1: y(value), y2: y(value) }),
      s("text", { x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, number(value)),
    );
  }
  for (const hour of new Set((isNarrow ? [0, 0.5, 1] : [0, 0.25, 0.5, 0.75, 1]).map((share) => Math.round(share * last)))) {
    chart.append(s("text", { x: x(hour), y: HEIGHT - 8, "text-anchor": "middle" }, labels[hour]));
  }
  const ends = spread(series.map((fan) => y(fan.mean[last] ?? 0)));
  series.forEach((fan, n) => {
    const at = (/** @type {number | null} */ value, /** @type {number} */ hour) => `${x(hour)},${y(value ?? 0)}`;
    const around = [...fan.p90.map(at), ...fan.p10.map(at).reverse()];
    chart.append(
      s("path", { class: `band-${n + 1}`, d: `M${around.join("L")}Z` }),
      s("path", { class: `line-${n + 1}`, d: `M${fan.mean.map(at).join("L")}` }),
      isNarrow
        ? s("text", { class: `label label-${n + 1}`, x: LEFT, y: TOP + 15 * n }, fan.label)
        : s("text", { class: `label label-${n + 1}`, x: width - right + 8, y: ends[n] + 4 }, short(fan.label)),
    );
  });
  return chart;
}

/**
 * Return a step between lines that people count in.
 * @param {number} least
 */
function niceStep(least) {
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 1)));
  return [1, 2, 5, 10].map((n) => n * power).find((step) => step >= least) ?? 10 * power;
}

/**
 * Keep labels apart.
 * @param {number[]} places
 */
function spread(places) {
  if (places.length < 2 || Math.abs(places[0] - places[1]) >= 16) return places;
  const middle = (places[0] + places[1]) / 2;
  return places[0] <= places[1] ? [middle - 8, middle + 8] : [middle + 8, middle - 8];
}

/** @param {string} text */
function short(text) {
  return text.length > 21 ? `${text.slice(0, 20)}…` : text;
}

/**
 * Return the values as rows: the chart's twin.
 * @param {Fan[]} series
 * @param {string[]} [labels]
 * @returns {{ head: string[], rows: string[][] }}
 */
export function fanRows(series, labels = HOURS) {
  return {
    head: [_("Hour"), ...series.flatMap((fan) => [fan.label, _("8 of 10 between")])],
    rows: labels.map((label, hour) => [
      label,
      ...series.flatMap((fan) => [number(fan.mean[hour]), `${number(fan.p10[hour])} – ${number(fan.p90[hour])}`]),
    ]),
  };
}
