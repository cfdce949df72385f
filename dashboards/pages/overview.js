// S1, the overview: a tile for each gate with both directions, the province and the yards, alerts, today's charts.

import { sparkline } from "../charts/sparkline.js";
import { TimeChart } from "../charts/time_chart.js";
import { alertStrip } from "../elements/alert_strip.js";
import { figureOf, setFigure } from "../elements/figure.js";
import { capacityFigure, nationalWord, shownLevel, sideText, waitFigure } from "../elements/flow.js";
import { levelMark } from "../elements/level.js";
import { get } from "../shared/api.js";
import { byId, dataOf, fill, h, say } from "../shared/dom.js";
import { directionWord, number, percent, weekday } from "../shared/format.js";
import { listen } from "../shared/stream.js";
import { _ } from "../shared/words.js";

/** @typedef {import("../elements/flow.js").Flow} Flow */
/** @typedef {import("../elements/flow.js").Live} Live */
/** @typedef {{ gate: string, direction: string, ends: string[], backlog: (number | null)[], n_lanes: number | null, n_open_lanes: number | null }} Trend */

const TRENDS_EVERY_MS = 60000;
const TWO_HOURS = 9; // ends of quarter-hours, the first one included
/** @type {Record<string, string>} */
const yardTitles = dataOf("yard-titles");

class FlowTile {
  /** @param {Flow} flow */
  constructor(flow) {
    const label = directionWord(flow.direction);
    this.level = h("span", { class: "end" });
    this.backlog = figureOf({ label: _("Vehicles inside"), withBand: true });
    this.days = figureOf({ label: _("Days of work"), digits: 1 });
    this.wait = figureOf({ label: _("Expected wait") });
    this.rate = figureOf({ label: _("Clearances of the last hour") });
    this.capacity = figureOf({ label: _("Capacity") });
    this.lanes = h("dd", {});
    this.laneRow = [h("dt", {}, _("Lanes open")), this.lanes];
    this.trend = h("span", { class: "trend" });
    this.element = h(
      "section",
      { class: "flow", "aria-label": label },
      h("div", { class: "row flow-head" }, h("h3", {}, label), this.level),
      h("div", { class: "backlog row" }, this.backlog, this.trend),
      h(
        "dl",
        { class: "facts" },
        h("dt", {}, _("Expected wait")),
        h("dd", {}, this.wait),
        h("dt", {}, _("Clearing")),
        h("dd", {}, this.rate, " / ", this.capacity),
        h("dt", {}, _("Work")),
        h("dd", {}, this.days),
        this.laneRow,
      ),
    );
    for (const element of this.laneRow) element.hidden = true;
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
    setFigure(this.days, flow.days_of_work);
    setFigure(this.wait, waitFigure(flow, at));
    setFigure(this.rate, flow.rate_60);
    setFigure(this.capacity, capacityFigure(flow));
  }

  /** @param {Trend} trend */
  remember(trend) {
    const last = trend.backlog.slice(-TWO_HOURS);
    fill(this.trend, sparkline(last, _("Vehicles inside over two hours: {values}", { values: last.map((n) => number(n)).join(", ") })));
    for (const element of this.laneRow) element.hidden = trend.n_lanes === null;
    if (trend.n_lanes !== null) say(this.lanes, `${number(trend.n_open_lanes)} / ${number(trend.n_lanes)}`);
  }
}

/** @type {Map<string, FlowTile>} */
const tiles = new Map();
/** @type {Map<string, TimeChart>} */
const charts = new Map();
/** @type {Map<string, { element: HTMLElement, inside: HTMLElement, bar: HTMLElement, of: HTMLElement }>} */
const yards = new Map();
const present = figureOf({ label: _("Vehicles inside, all gates"), withBand: true });
byId("present").append(_("Province"), " ", present);

/** @param {Live} live */
function show(live) {
  const colour = live.national_colour ?? "";
  const national = byId("national");
  if (national.dataset.colour !== colour || !national.firstChild) {
    national.dataset.colour = colour;
    fill(national, h("span", { class: "national", "data-colour": colour }, h("i", {}), h("span", {}, `${_("National map")}: `, h("strong", {}, nationalWord(live.national_colour)))));
  }
  setFigure(present, live.present);
  say(byId("today"), weekday(live.at));
  for (const flow of live.flows) {
    const root = document.getElementById(`gate-${flow.gate}`);
    if (!root) continue;
    const key = `${flow.gate}/${flow.direction}`;
    let tile = tiles.get(key);
    if (!tile) {
      tile = new FlowTile(flow);
      tiles.set(key, tile);
      root.append(tile.element);
    }
    tile.show(flow, live.at);
    if (flow.direction === "export") sides(flow, live.at);
    for (const yard of flow.yards) showYard(flow, yard);
  }
}

/**
 * @param {Flow} flow
 * @param {string} at
 */
function sides(flow, at) {
  const root = byId(`sides-${flow.gate}`);
  if (!root.firstChild) {
    const rows = [_("Vietnam"), _("China")].map((name) => h("div", {}, h("span", { class: "muted" }, name), " ", h("span", { class: "when" })));
    fill(root, rows);
  }
  const [own, counterpart] = root.querySelectorAll(".when");
  say(own ?? null, sideText(flow.own, at, false));
  say(counterpart ?? null, sideText(flow.counterpart, at, true));
  root.classList.toggle("is-unplanned", flow.own.is_unplanned || flow.counterpart.is_unplanned);
}

/**
 * @param {Flow} flow
 * @param {import("../elements/flow.js").Yard} yard
 */
function showYard(flow, yard) {
  const key = `${flow.gate}/${yard.yard}`;
  const title = yardTitles[key] ?? yard.yard;
  let shown = yards.get(key);
  if (!shown) {
    const inside = figureOf({ label: title });
    const bar = h("i", {});
    const of = h("span", { class: "muted" });
    const element = h("div", { class: "yard" }, h("span", { class: "yard-name" }, title), h("span", { class: "bar", "aria-hidden": "true" }, bar), h("span", {}, inside, " ", of));
    shown = { element, inside, bar, of };
    yards.set(key, shown);
    const group = byId("yards").querySelector(`[data-gate="${CSS.escape(flow.gate)}"]`);
    (group ?? byId("yards")).append(element);
    group?.removeAttribute("hidden");
  }
  setFigure(shown.inside, yard.inside);
  say(shown.of, yard.places === null ? "" : _("of {n} places, {share}", { n: number(yard.places), share: percent(yard.fill) }));
  shown.bar.style.width = `${Math.min(100, 100 * (yard.fill ?? 0))}%`;
  shown.element.classList.toggle("is-full", (yard.fill ?? 0) >= 0.9);
}

async function loadTrends() {
  /** @type {{ at: string, begins: string, trends: Trend[] }} */
  const found = await get("/v1/trends");
  const now = Date.parse(found.at) / 1000;
  const from = Date.parse(found.begins) / 1000;
  /** @type {Map<string, Trend[]>} */
  const byGate = new Map();
  for (const trend of found.trends) {
    tiles.get(`${trend.gate}/${trend.direction}`)?.remember(trend);
    byGate.set(trend.gate, [...(byGate.get(trend.gate) ?? []), trend]);
  }
  for (const [gate, trends] of byGate) {
    const root = document.getElementById(`chart-${gate}`);
    if (!root) continue;
    let chart = charts.get(gate);
    if (!chart) {
      const series = trends.map((trend, place) => ({ label: directionWord(trend.direction), colour: `--series-${place + 1}` }));
      chart = new TimeChart(root, { series, together: "overview", unit: _("veh"), height: 170 });
      charts.set(gate, chart);
    }
    const times = (trends[0]?.ends ?? []).map((at) => Date.parse(at) / 1000);
    const summary = trends.map((trend) => `${directionWord(trend.direction)}: ${number(trend.backlog.at(-1))} ${_("veh")}`).join(" · ");
    chart.show([times, ...trends.map((trend) => trend.backlog)], { now, from, to: from + 86400, summary });
  }
}

show(dataOf("live"));
listen("live", show);
const strip = document.getElementById("alerts");
if (strip) alertStrip(strip, strip.dataset.mayAct === "yes");
void loadTrends().catch(() => null); // the banner tells when the service is away
setInterval(() => void loadTrends().catch(() => null), TRENDS_EVERY_MS);
