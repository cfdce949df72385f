// A line of the last two hours, beside a number; gaps stay gaps.

import { s } from "../shared/dom.js";

const WIDTH = 96;
const HEIGHT = 24;

/**
 * Return a small line; y begins at zero.
 * @param {(number | null)[]} values oldest first
 * @param {string} label for who listens
 * @returns {SVGElement}
 */
export function sparkline(values, label) {
  const known = values.map((value) => value ?? 0);
  const top = Math.max(1, ...known) * 1.05;
  let path = "";
  let isDown = false;
  values.forEach((value, place) => {
    if (value === null) {
      isDown = false;
      return;
    }
    const x = values.length > 1 ? (place / (values.length - 1)) * (WIDTH - 6) + 2 : 2;
    path += `${isDown ? "L" : "M"}${x.toFixed(1)} ${(HEIGHT - 2 - (value / top) * (HEIGHT - 4)).toFixed(1)}`;
    isDown = true;
  });
  const last = values.at(-1);
  return s(
    "svg",
    { class: "sparkline", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label },
    s("path", { d: path, fill: "none", stroke: "currentColor", "stroke-width": "1.5" }),
    last === null || last === undefined
      ? null
      : s("circle", { cx: WIDTH - 4, cy: (HEIGHT - 2 - (last / top) * (HEIGHT - 4)).toFixed(1), r: 2.5, fill: "currentColor" }),
  );
}
