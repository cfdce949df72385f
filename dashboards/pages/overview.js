// S1, the overview: a tile for each gate with both directions, the province and the yards, alerts, today's charts.

import { sparkline } from "../charts/sparkline.js";
import { joined, TimeChart } from "../charts/time_chart.js";
import { alertStrip } from "../elements/alert_strip.js";
import { figureOf, setFigure } from "../elements/figure.js";
import { capacityFigure, nationalWord, shownLevel, sideText, waitFigure } from "../elements/flow.js";
import { levelMark } from "../elements/level.js";
import { closingFigure, overflowText, planText } from "../elements/outlook.js";
import { get } from "../shared/api.js";
import { byId, dataOf, fill, h, say } from "../shared/dom.js";
import { directionWord, moment, number, percent, weekday } from "../shared/format.js";
import { listen } from "../shared/stream.js";
import { _ } from "../shared/words.js";

/** @typedef {import("../elements/flow.js").Flow} Flow */
/** @typedef {import("../elements/flow.js").Live} Live */
/** @typedef {import("../elements/outlook.js").Outlooks} Outlooks */
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
    this.closing = figureOf({ label: _("Left at the close") });
    this.overflow = h("span", { class: "overflow" });
    this.closes = h("dt", {}, _("Left at the close"));
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
        this.closes,
        h("dd", {}, this.closing, " ", this.overflow),
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
    setFigure(this.days, { ...flow.days_of_work, more: [[_("Level"), _("goes by this: the backlog over the clearances of a day")]] });
    setFigure(this.wait, waitFigure(flow, at));
    setFigure(this.rate, flow.rate_60);
    setFigure(this.capacity, capacityFigure(flow));
  }

  /**
   * @param {import("../elements/outlook.js").Outlook} outlook
   * @param {Outlooks} all
   */
  expect(outlook, all) {
    const { close, reason } = outlook;
    say(this.closes, close && !close.never_closes && reason === null ? _("Left at {at}", { at: moment(close.at, all.at) }) : _("Left at the close"));
    setFigure(this.closing, closingFigure(outlook, all));
    this.closing.classList.toggle("muted", reason !== null);
    say(this.overflow, overflowText(outlook));
    this.overflow.classList.toggle("is-likely", reason === null && (close?.p_over_places ?? 0) >= 0.5);
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
  const known = live.flows.flatMap((flow) => flow.yards.map((yard) => yard.inside.value !== null));
  byId("yards-how").hidden = known.length === 0 || known.includes(true);
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

/** @param {string} at */
const seconds = (at) => Date.parse(at) / 1000;

async function loadTrends() {
  /** @type {[{ at: string, begins: string, trends: Trend[] }, Outlooks]} */
  const [found, outlooks] = await Promise.all([get("/v1/trends"), get("/v1/outlooks")]);
  /** @type {Map<string, Trend[]>} */
  const byGate = new Map();
  for (const trend of found.trends) {
    tiles.get(`${trend.gate}/${trend.direction}`)?.remember(trend);
    byGate.set(trend.gate, [...(byGate.get(trend.gate) ?? []), trend]);
  }
  for (const outlook of outlooks.outlooks) tiles.get(`${outlook.gate}/${outlook.direction}`)?.expect(outlook, outlooks);
  for (const [gate, trends] of byGate) drawDay(gate, trends, outlooks, found);
  const weeks = Math.max(0, ...outlooks.usual.map((usual) => usual.n_days));
  say(byId("usual"), weeks ? _("Grey: the same hours of the last {n} same weekdays, eight of ten between.", { n: weeks }) : "");
}

/**
 * Draw the day of a gate: both directions, behind them what is usual, before them the plan that was adopted.
 * @param {string} gate
 * @param {Trend[]} trends
 * @param {Outlooks} outlooks
 * @param {{ at: string, begins: string }} about
 */
function drawDay(gate, trends, outlooks, about) {
  const root = document.getElementById(`chart-${gate}`);
  if (!root) return;
  let chart = charts.get(gate);
  if (!chart) {
    chart = new TimeChart(root, {
      series: [
        ...trends.flatMap(({ direction }) => [_("usual, low"), _("usual, high")].map((label) => ({ label: `${directionWord(direction)}, ${label}`, colour: "--series-3", kind: /** @type {"edge"} */ ("edge") }))),
        ...trends.map(({ direction }, place) => ({ label: directionWord(direction), colour: `--series-${place + 1}` })),
        ...trends.map(({ direction }) => ({ label: _("plan, {direction}", { direction: directionWord(direction) }), colour: "--plan", isDashed: true })),
      ],
      bands: trends.map((_unused, place) => ({ low: 2 * place + 1, high: 2 * place + 2, colour: "--history" })),
      together: "overview", unit: _("veh"), height: 170,
    });
    charts.set(gate, chart);
  }
  const here = trends.map(({ direction }) => ({
    usual: outlooks.usual.find((one) => one.gate === gate && one.direction === direction),
    plan: outlooks.plans.find((one) => one.gate === gate && one.direction === direction),
  }));
  const data = joined([
    ...here.map(({ usual }) => ({ at: (usual?.at ?? []).map(seconds), columns: [usual?.low ?? [], usual?.high ?? []] })),
    { at: (trends[0]?.ends ?? []).map(seconds), columns: trends.map((trend) => trend.backlog) },
    ...here.map(({ plan }) => ({ at: (plan?.hours ?? []).map((hour) => seconds(hour.at)), columns: [(plan?.hours ?? []).map((hour) => hour.p50)] })),
  ]);
  const plans = new Set(here.flatMap(({ plan }) => (plan ? [planText(plan, outlooks.at)] : [])));
  const summary = [
    trends.map((trend) => `${directionWord(trend.direction)}: ${number(trend.backlog.at(-1))} ${_("veh")}`).join(" · "),
    ...[...plans].map((text) => _("Dashed: {plan}", { plan: text })),
  ].join(". ");
  const from = seconds(about.begins);
  chart.show(data, { now: seconds(about.at), from, to: from + 86400, summary });
}

show(dataOf("live"));
listen("live", show);
const strip = document.getElementById("alerts");
if (strip) alertStrip(strip, strip.dataset.mayAct === "yes");
void loadTrends().catch(() => null); // the banner tells when the service is away
setInterval(() => void loadTrends().catch(() => null), TRENDS_EVERY_MS);
window.addEventListener("gatewatch:begun", () => void loadTrends().catch(() => null));
