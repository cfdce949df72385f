// The way through a gate as a drawing: road, yards with their counts, stages with their servers, the line, the other side.

import { h, s, say } from "../shared/dom.js";
import { NOT_KNOWN, number, unit } from "../shared/format.js";
import { _ } from "../shared/words.js";

/** @typedef {{ kind: "yard" | "stage", id: string, title?: string, where?: string, places?: number | null, yard?: string | null, servers?: number | null }} Node */

const HEIGHT = 190;
const ROAD = 84;

/**
 * Return the short word for a yard.
 * @param {string | undefined} where
 * @param {string} id
 */
function yardWord(where, id) {
  if (id === "counterpart_lane") return _("Outbound lanes");
  return where === "off_site" ? _("Off-site yard") : where === "counterpart" ? _("Chinese side") : _("Gate yard");
}

/**
 * Return the short word for a stage.
 * @param {string} stage
 * @returns {string}
 */
export function stageWord(stage) {
  /** @type {Record<string, string>} */
  const known = {
    gate_in: _("Gate-in"),
    weighbridge: _("Weighing"),
    quarantine: _("Quarantine"),
    customs: _("Customs"),
    inspection: _("Inspection"),
    fee: _("Fees"),
    border_guard: _("Border guard"),
    counterpart_gate: _("Chinese gate"),
    counterpart_yard: _("Chinese yard"),
    transload: _("Transloading"),
    border_guard_return: _("Border guard, return"),
  };
  return known[stage] ?? stage;
}

/**
 * Draw the way of a direction; returns what shows counts on it.
 * @param {HTMLElement} root
 * @param {Node[]} nodes
 * @param {string} direction
 * @returns {(counts: Record<string, { value: number | null, text?: string }>) => void} by node: `road`, `line`, or a yard's id
 */
export function drawWay(root, nodes, direction) {
  const shown = nodes.filter((node) => node.id !== "border_guard_return" && node.id !== "counterpart_yard" && node.id !== "vehicle_park");
  const crossing = shown.findIndex((node) => node.id === "border_guard") + 1; // the line is behind the border guards
  const last = nodes.find((node) => node.kind === "yard" && node.id === "counterpart_yard");
  /** @type {{ element: SVGElement, width: number }[]} */
  const parts = [];
  /** @type {Map<string, Element>} */
  const counts = new Map();
  /** @type {[string, string][]} */
  const list = [];

  /** @param {string} key @param {string} title @param {string} under @param {number} width @param {string} [full] */
  function box(key, title, under, width, full) {
    const count = s("text", { x: width / 2, y: ROAD + 8, class: "count", "text-anchor": "middle" }, NOT_KNOWN);
    counts.set(key, count);
    list.push([full ?? title, key]);
    parts.push({
      width: width + 14,
      element: s(
        "g",
        {},
        s("title", {}, full ?? title),
        s("rect", { x: 0, y: ROAD - 34, width, height: 68, rx: 4, class: "yard-box" }),
        s("text", { x: width / 2, y: ROAD - 44, class: "label", "text-anchor": "middle" }, title),
        count,
        s("text", { x: width / 2, y: ROAD + 26, class: "under", "text-anchor": "middle" }, under),
      ),
    });
  }

  /** @param {string} key @param {string} title */
  function flow(key, title) {
    const count = s("text", { x: 52, y: ROAD - 14, class: "count", "text-anchor": "middle" }, NOT_KNOWN);
    counts.set(key, count);
    list.push([title, key]);
    parts.push({
      width: 118,
      element: s(
        "g",
        {},
        s("text", { x: 52, y: ROAD - 44, class: "label", "text-anchor": "middle" }, title),
        count,
        s("path", { d: `M4 ${ROAD}H96m-9-6 9 6-9 6`, class: "arrow" }),
        s("text", { x: 52, y: ROAD + 26, class: "under", "text-anchor": "middle" }, unit("veh/h")),
      ),
    });
  }

  /** @param {Node} node */
  function stage(node) {
    const servers = node.servers ?? null;
    const drawn = Math.min(servers ?? 0, 12);
    const squares = Array.from({ length: drawn }, (_none, place) =>
      s("rect", { x: 22 + (place % 6) * 10, y: ROAD - 12 + Math.floor(place / 6) * 12, width: 8, height: 9, class: "server" }),
    );
    parts.push({
      width: 104,
      element: s(
        "g",
        {},
        s("path", { d: `M0 ${ROAD}H104`, class: "road" }),
        s("rect", { x: 14, y: ROAD - 20, width: 76, height: 40, rx: 2, class: "stage-box" }),
        squares,
        s("text", { x: 52, y: ROAD + 38, class: "label small", "text-anchor": "middle" }, stageWord(node.id)),
        s("text", { x: 52, y: ROAD + 54, class: "under", "text-anchor": "middle" }, servers === null ? NOT_KNOWN : _("servers: {n}", { n: number(servers) })),
      ),
    });
  }

  function border() {
    parts.push({
      width: 34,
      element: s(
        "g",
        {},
        s("path", { d: `M16 18V${HEIGHT - 34}`, class: "border" }),
        s("text", { x: 16, y: HEIGHT - 16, class: "label small", "text-anchor": "middle" }, _("Border")),
      ),
    });
  }

  flow("road", direction === "export" ? _("Arrivals") : _("From China"));
  if (direction === "import") border();
  shown.forEach((node, place) => {
    if (direction === "export" && place === crossing) {
      border();
      flow("line", _("Cleared"));
    }
    if (node.kind === "yard") box(node.id, yardWord(node.where, node.id), node.places ? _("of {n} places", { n: number(node.places) }) : "", 118, node.title);
    else stage(node);
  });
  if (last && direction === "export") box(last.id, _("Chinese yard"), last.places ? _("of {n} places", { n: number(last.places) }) : "", 118, last.title);
  if (direction === "import") flow("line", _("Cleared"));

  let x = 8;
  for (const part of parts) {
    part.element.setAttribute("transform", `translate(${x} 0)`);
    x += part.width;
  }
  const drawing = s(
    "svg",
    { viewBox: `0 0 ${x + 8} ${HEIGHT}`, "aria-hidden": "true", width: x + 8, height: HEIGHT },
    s("path", { d: `M0 ${ROAD}H${x + 8}`, class: "road" }),
    parts.map((part) => part.element),
  );
  const spoken = h("ul", { class: "spoken" }, list.map(([title]) => h("li", {}, h("span", {}, title), ": ", h("span", {}))));
  root.replaceChildren(h("div", { class: "scroll way-scroll", tabindex: "0", role: "region", "aria-label": _("Drawing of the way") }, drawing), spoken);

  return (found) => {
    list.forEach(([title, key], place) => {
      const told = found[key];
      const text = told?.text ?? number(told?.value);
      say(counts.get(key) ?? null, text);
      const item = spoken.children[place];
      say(item?.lastElementChild ?? null, `${text}`);
      say(item?.firstElementChild ?? null, title);
    });
  };
}
