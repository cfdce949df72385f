// S1, the overview: a tile for each gate with both directions, the province beside.

import { figureOf, setFigure } from "../elements/figure.js";
import { levelMark } from "../elements/level.js";
import { byId, dataOf, fill, h, say } from "../shared/dom.js";
import { BEIJING, clock, directionWord, duration, moment, NOT_KNOWN, number } from "../shared/format.js";
import { listen } from "../shared/stream.js";
import { _, language } from "../shared/words.js";

/** @typedef {any} Flow one direction of one gate, as /v1/live tells it */

/**
 * Return the level to show: a gate that is shut as planned is no level at all.
 * @param {Flow} flow
 * @returns {string}
 */
function shownLevel(flow) {
  const isUnplanned = flow.own.is_unplanned || flow.counterpart.is_unplanned;
  return flow.is_open || isUnplanned || flow.level === "critical" ? flow.level : "shut";
}

/**
 * @param {Flow} flow
 * @param {string} at
 */
function openingText(flow, at) {
  const own = flow.own;
  if (flow.own.is_unplanned || flow.counterpart.is_unplanned) return _("Shut, and not planned");
  if (flow.is_open) return _("open until {at}", { at: moment(own.next_change, at) });
  return own.next_change ? _("opens {at}", { at: moment(own.next_change, at) }) : _("shut");
}

/**
 * @param {Flow} flow
 * @param {string} at
 */
function waitText(flow, at) {
  const { value_s: value, low_s: low, high_s: high, crosses_at, is_today } = flow.expected;
  if (value === null) return is_today === false ? _("not within 14 days") : NOT_KNOWN;
  if (is_today === false) return _("will not cross today; about {at}", { at: moment(crosses_at, at) });
  return low !== null && high !== null ? `${duration(low)} – ${duration(high)}` : duration(value);
}

class FlowTile {
  /** @param {Flow} flow */
  constructor(flow) {
    const label = directionWord(flow.direction);
    this.level = h("span", {});
    this.backlog = figureOf({ label: _("Vehicles inside"), withBand: true });
    this.wait = figureOf({ label: _("Expected wait") });
    this.rate = figureOf({ label: _("Clearances of the last hour") });
    this.capacity = figureOf({ label: _("Capacity") });
    this.opening = h("span", { class: "muted small" });
    this.element = h(
      "section",
      { class: "flow", "aria-label": label },
      h("div", { class: "row" }, h("h3", {}, label), h("span", { class: "end" }, this.level)),
      h("div", { class: "backlog" }, this.backlog),
      h("dl", { class: "facts" }, h("dt", {}, _("Expected wait")), h("dd", {}, this.wait),
        h("dt", {}, _("Clearing")), h("dd", {}, this.rate),
        h("dt", {}, _("Capacity")), h("dd", {}, this.capacity)),
      this.opening,
    );
  }

  /**
   * @param {Flow} flow
   * @param {string} at
   */
  show(flow, at) {
    const level = shownLevel(flow);
    if (this.element.dataset.level !== level) {
      this.element.dataset.level = level;
      fill(this.level, levelMark(level));
    }
    setFigure(this.backlog, flow.backlog);
    setFigure(this.wait, { value: flow.expected.value_s, unit: "s", text: waitText(flow, at), quality: flow.backlog.quality });
    setFigure(this.rate, flow.rate_60);
    setFigure(this.capacity, { ...flow.capacity, more: [[_("Open hours seen"), number(flow.capacity.n_hours)]] });
    say(this.opening, openingText(flow, at));
  }
}

/** @type {Map<string, FlowTile>} */
const tiles = new Map();

/** @param {any} live */
function show(live) {
  for (const flow of live.flows) {
    const key = `${flow.gate}/${flow.direction}`;
    let tile = tiles.get(key);
    if (!tile) {
      tile = new FlowTile(flow);
      tiles.set(key, tile);
      byId(`gate-${flow.gate}`).append(tile.element);
    }
    tile.show(flow, live.at);
  }
}

show(dataOf("live"));
listen("live", show);
