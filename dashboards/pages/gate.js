// S2, one gate: facts, the drawing of the way, hours of both sides, four charts that share time and cursor, sources.

import { joined, TimeChart } from "../charts/time_chart.js";
import { figureOf, setFigure } from "../elements/figure.js";
import { capacityFigure, shownLevel, sideText, waitFigure } from "../elements/flow.js";
import { levelMark } from "../elements/level.js";
import { doubtsText, overflowText, planText, whyNot } from "../elements/outlook.js";
import { stacked } from "../elements/stacked.js";
import { drawWay } from "../elements/way.js";
import { get } from "../shared/api.js";
import { byId, dataOf, fill, h, s, say } from "../shared/dom.js";
import { age, band, BEIJING, clock, duration, moment, NOT_KNOWN, number } from "../shared/format.js";
import { listen } from "../shared/stream.js";
import { _, language, pick } from "../shared/words.js";

/** @typedef {import("../elements/flow.js").Flow} Flow */
/** @typedef {import("../elements/flow.js").Live} Live */
/** @typedef {import("../elements/outlook.js").Outlooks} Outlooks */
/** @typedef {{ start: string, end: string }} Span */
/**
 * @typedef {object} Curves
 * @property {string} at
 * @property {string} begins
 * @property {{ start: string, end: string, arrived: number | null, cleared: number | null, backlog: number | null, low: number | null, high: number | null }[]} quarters
 * @property {{ start: string, low: number, middle: number, high: number, n_days: number }[]} usual
 * @property {{ at: string, value: number, half_width: number, source: string }[]} anchors
 * @property {{ at: string, wait_s: number }[]} waits
 * @property {Span[]} own
 * @property {Span[]} counterpart
 * @property {{ lane: string, is_open: boolean, since: string, reason: string }[]} lanes
 * @property {{ at: string, kind: string, sentence: Record<string, string> }[]} notes
 * @property {{ vehicle_class: string, title: Record<string, string>, arrived: number, cleared: number }[]} classes
 * @property {number | null} capacity
 * @property {Record<string, Record<string, string>>} summaries
 */

const CURVES_EVERY_MS = 30000;
const SOURCES_EVERY_MS = 30000;
const root = byId("gate");
const gate = root.dataset.gate ?? "";
const direction = root.dataset.direction ?? "export";
const { begins = "", ends: dayEnds = "", day: pastDay = "" } = root.dataset;

const facts = {
  level: h("span", {}),
  backlog: figureOf({ label: _("Vehicles inside"), withBand: true }),
  days: figureOf({ label: _("Days of work"), digits: 1 }),
  wait: figureOf({ label: _("Expected wait") }),
  actual: figureOf({ label: _("Measured wait, median") }),
  cleared: figureOf({ label: _("Cleared today") }),
  arrived: figureOf({ label: _("Arrived today") }),
  rate: figureOf({ label: _("Clearances of the last hour") }),
  capacity: figureOf({ label: _("Capacity") }),
};
const anchorText = h("p", { class: "muted small", id: "anchor" });
fill(
  byId("facts"),
  [
    [_("Level"), facts.level],
    [_("Vehicles inside"), facts.backlog],
    [_("Work"), facts.days],
    [_("Expected wait"), facts.wait],
    [_("Measured wait, median"), facts.actual],
    [_("Arrived today"), facts.arrived],
    [_("Cleared today"), facts.cleared],
    [_("Clearances of the last hour"), facts.rate],
    [_("Capacity"), facts.capacity],
  ].map(([title, element]) => h("div", { class: "fact" }, h("div", { class: "muted small" }, title), element)),
);
byId("facts").after(anchorText);
const setCounts = drawWay(byId("way"), dataOf("nodes"), direction);

/** @param {Live} live */
function show(live) {
  const flow = live.flows.find((one) => one.gate === gate && one.direction === direction);
  if (!flow) return;
  const level = shownLevel(flow);
  if (facts.level.dataset.level !== level) {
    facts.level.dataset.level = level;
    fill(facts.level, levelMark(level));
  }
  setFigure(facts.backlog, flow.backlog);
  setFigure(facts.days, flow.days_of_work);
  setFigure(facts.wait, waitFigure(flow, live.at));
  const { p50_s: p50, p90_s: p90, n, matched } = flow.actual_wait;
  setFigure(facts.actual, {
    value: p50,
    unit: "s",
    text: p50 === null ? NOT_KNOWN : duration(p50),
    more: [
      [_("Nine of ten within"), duration(p90)],
      [_("Vehicles recognised"), `${number(n)}, ${matched === null ? NOT_KNOWN : number(100 * matched)} %`],
      [_("Method"), _("arrival to start of service, last two hours, vehicles seen at both; shown from five on")],
    ],
  });
  setFigure(facts.cleared, flow.cleared_today);
  setFigure(facts.arrived, flow.arrived_today);
  setFigure(facts.rate, flow.rate_60);
  setFigure(facts.capacity, capacityFigure(flow));
  const anchor = flow.backlog.anchor;
  say(
    anchorText,
    anchor === null
      ? _("Nobody has counted here yet: the reckoning has nothing to start from.")
      : _("Reckoned from the count of {n} at {at}.", { n: number(anchor.value), at: moment(anchor.at, live.at) }),
  );
  setCounts({
    road: { value: flow.arrival_rate_60.value },
    line: { value: flow.rate_60.value },
    ...Object.fromEntries(flow.yards.map((yard) => [yard.yard, { value: yard.inside.value }])),
  });
  say(byId("side-own"), pastDay ? "" : sideText(flow.own, live.at, false));
  say(byId("side-counterpart"), pastDay ? "" : sideText(flow.counterpart, live.at, true));
}

const strip = { own: h("div", { class: "strip" }), counterpart: h("div", { class: "strip" }), hours: h("div", { class: "hours", "aria-hidden": "true" }) };
fill(
  byId("hours"),
  h("div", { class: "strip-row" }, h("span", {}, _("Vietnam")), strip.own, h("span", { id: "side-own", class: "muted" })),
  h("div", { class: "strip-row" }, h("span", {}, _("China")), strip.counterpart, h("span", { id: "side-counterpart", class: "muted" })),
  h("div", { class: "strip-row" }, h("span", {}), strip.hours, h("span", {})),
);

/**
 * @param {HTMLElement} element
 * @param {Span[]} spans
 * @param {number} from
 * @param {number} now
 * @param {boolean} isCounterpart
 */
function drawStrip(element, spans, from, now, isCounterpart) {
  /** @param {number} at */
  const place = (at) => Math.min(100, Math.max(0, ((at - from) / 86400) * 100));
  const texts = spans.map((span) => `${clock(span.start)}–${clock(span.end)}${isCounterpart ? ` (${_("Beijing")} ${clock(span.start, BEIJING)}–${clock(span.end, BEIJING)})` : ""}`);
  fill(
    element,
    h("span", { class: "spoken" }, spans.length ? texts.join(", ") : _("shut all day")),
    s(
      "svg",
      { viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" },
      spans.map((span) => {
        const first = place(Date.parse(span.start) / 1000);
        return s("rect", { x: first, y: 0, width: place(Date.parse(span.end) / 1000) - first, height: 10, class: "open" });
      }),
      s("rect", { x: place(now) - 0.1, y: 0, width: 0.3, height: 10, class: "now" }),
    ),
  );
}

const together = { together: "gate", height: 210 };
const charts = {
  curve: new TimeChart(byId("chart-curve"), {
    ...together,
    unit: _("veh"),
    series: [
      { label: _("arrived"), colour: "--series-1" },
      { label: _("cleared"), colour: "--series-2" },
      { label: _("count made"), colour: "--text", kind: "dots" },
    ],
  }),
  backlog: new TimeChart(byId("chart-backlog"), {
    ...together,
    unit: _("veh"),
    series: [
      { label: _("low"), colour: "--series-1", kind: "edge" },
      { label: _("high"), colour: "--series-1", kind: "edge" },
      { label: _("inside"), colour: "--series-1" },
      { label: _("count made"), colour: "--text", kind: "dots" },
      { label: _("usual, low"), colour: "--series-3", kind: "edge" },
      { label: _("usual, high"), colour: "--series-3", kind: "edge" },
      { label: _("forecast, 1 of 10 below"), colour: "--series-1", kind: "edge" },
      { label: _("forecast"), colour: "--series-1", isDotted: true },
      { label: _("forecast, 1 of 10 above"), colour: "--series-1", kind: "edge" },
      { label: _("plan"), colour: "--plan", isDashed: true },
    ],
    bands: [{ low: 5, high: 6, colour: "--history" }, { low: 1, high: 2, colour: "--band" }, { low: 7, high: 9, colour: "--band" }],
  }),
  rate: new TimeChart(byId("chart-rate"), {
    ...together,
    unit: _("veh/h"),
    series: [
      { label: _("usual, low"), colour: "--series-3", kind: "edge" },
      { label: _("usual, high"), colour: "--series-3", kind: "edge" },
      { label: _("cleared"), colour: "--series-1", kind: "step" },
    ],
    bands: [{ low: 1, high: 2, colour: "--history" }],
  }),
  wait: new TimeChart(byId("chart-wait"), { ...together, unit: _("min"), series: [{ label: _("wait"), colour: "--series-1", kind: "dots" }] }),
};

/** @param {string} at */
const seconds = (at) => Date.parse(at) / 1000;

/** @param {number[]} values @param {number} share */
function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

/**
 * Return the clearances of a quarter-hour as a rate; of one that has just begun none, as one vehicle would make a peak.
 * @param {Curves["quarters"][number]} quarter
 */
function rateOf({ start, end, cleared }) {
  const length = seconds(end) - seconds(start);
  return cleared === null || length < 600 ? null : (cleared * 3600) / length;
}

/**
 * Return how many were cleared on a day that is over.
 * @param {Curves["quarters"]} quarters
 */
function clearedText(quarters) {
  const known = quarters.filter((quarter) => quarter.cleared !== null);
  const n = known.reduce((sum, quarter) => sum + (quarter.cleared ?? 0), 0);
  return known.length ? _("{n} vehicles cleared in the {hours} h that were heard.", { n: number(n), hours: number(known.length / 4) }) : _("Clearances of that day are not known: no feed was heard.");
}

/**
 * @param {Curves} found
 * @param {Outlooks} outlooks
 */
function draw(found, outlooks) {
  const from = seconds(found.begins);
  const mine = (/** @type {{ gate: string, direction: string }} */ one) => one.gate === gate && one.direction === direction;
  const outlook = outlooks.outlooks.find(mine);
  const plan = outlooks.plans.find(mine);
  const usualHours = outlooks.usual.find(mine);
  const fan = outlook?.reason === null && outlook.opening ? { opens: seconds(outlook.opening.at), hours: outlook.hours } : null;
  const happened = [
    ...found.notes.map((note) => ({ at: note.at, text: pick(note.sentence) })),
    ...(plan ? [{ at: plan.decided_at, text: _("Adopted: {plan}", { plan: planText(plan, found.at) }) }] : []),
  ].sort((a, b) => a.at.localeCompare(b.at));
  const notes = happened.map(({ at }, n) => /** @type {[number, string]} */ ([seconds(at), String(n + 1)]));
  const to = Math.max(from + 86400, fan ? Math.min(fan.opens + 1800, from + 2 * 86400) : 0);
  const about = { now: seconds(found.at), from, to, notes };
  showNotes(happened, found.at);
  showClasses(found.classes);
  const ends = found.quarters.map((quarter) => seconds(quarter.end));
  const firstKnown = found.quarters.find((quarter) => quarter.backlog !== null);
  const start = firstKnown ? (firstKnown.backlog ?? 0) - (firstKnown.arrived ?? 0) + (firstKnown.cleared ?? 0) : 0;
  let arrived = 0;
  let cleared = 0;
  let isBroken = !firstKnown;
  /** @type {(number | null)[]} */
  const up = [];
  /** @type {(number | null)[]} */
  const down = [];
  found.quarters.forEach((quarter, place) => {
    const isBefore = place < (firstKnown ? found.quarters.indexOf(firstKnown) : Infinity);
    isBroken ||= !isBefore && (quarter.arrived === null || quarter.cleared === null); // a sum over a gap would be a guess
    if (!isBefore) arrived += quarter.arrived ?? 0;
    if (!isBefore) cleared += quarter.cleared ?? 0;
    up.push(isBefore || isBroken ? null : start + arrived);
    down.push(isBefore || isBroken ? null : cleared);
  });

  /** @param {(anchor: { value: number }, place: number) => number | null} value */
  const atAnchors = (value) =>
    ends.map((end, place) => {
      const begin = place ? ends[place - 1] ?? 0 : end - 900;
      const anchor = found.anchors.find((one) => seconds(one.at) > begin && seconds(one.at) <= end);
      return anchor ? value(anchor, place) : null;
    });
  charts.curve.show([ends, up, down, atAnchors((anchor, place) => (down[place] === null || down[place] === undefined ? null : (down[place] ?? 0) + anchor.value))], {
    ...about,
    summary: pick(found.summaries.backlog ?? {}),
  });
  const ahead = fan ? fan.hours.filter((hour) => seconds(hour.at) <= fan.opens + 3600) : [];
  charts.backlog.show(
    joined([
      { at: ends, columns: [found.quarters.map((q) => q.low), found.quarters.map((q) => q.high), found.quarters.map((q) => q.backlog), atAnchors((anchor) => anchor.value)] },
      { at: (usualHours?.at ?? []).map(seconds), columns: [usualHours?.low ?? [], usualHours?.high ?? []] },
      { at: ahead.map((hour) => seconds(hour.at)), columns: [ahead.map((hour) => hour.p10), ahead.map((hour) => hour.p50), ahead.map((hour) => hour.p90)] },
      { at: (plan?.hours ?? []).map((hour) => seconds(hour.at)), columns: [(plan?.hours ?? []).map((hour) => hour.p50)] },
    ]),
    { ...about, summary: pick(found.summaries.backlog ?? {}) },
  );
  say(byId("expected"), expectedText(outlook, outlooks, usualHours?.n_days ?? 0, !!plan));
  const usual = new Map(found.usual.map((one) => [seconds(one.start), one]));
  /** @param {(one: { low: number, high: number }) => number} side */
  const edge = (side) => found.quarters.map((q) => { const one = usual.get(seconds(q.start)); return one ? 4 * side(one) : null; });
  charts.rate.show([ends, edge((one) => one.low), edge((one) => one.high), found.quarters.map((q) => rateOf(q))], {
    ...about,
    summary: pastDay ? clearedText(found.quarters) : pick(found.summaries.rate ?? {}),
    limits: found.capacity === null ? [] : [[found.capacity, `${_("capacity")} ${number(found.capacity)}`, "--series-2"]],
  });
  const most = found.usual[0]?.n_days;
  say(byId("usual"), most ? _("Grey: the same quarter-hours of the last {n} same weekdays, the middle eight of ten.", { n: most }) : _("No grey band: fewer than three same weekdays were seen yet."));
  const minutes = found.waits.map((wait) => wait.wait_s / 60);
  charts.wait.show(
    found.waits.length ? [found.waits.map((wait) => seconds(wait.at)), minutes] : [[from, about.now], [null, null]],
    {
      ...about,
      summary: pick(found.summaries.wait ?? {}),
      limits: minutes.length < 5 ? [] : [[percentile(minutes, 0.5), _("half"), "--muted"], [percentile(minutes, 0.9), _("nine of ten"), "--muted"]],
    },
  );
  drawStrip(strip.own, found.own, from, about.now, false);
  drawStrip(strip.counterpart, found.counterpart, from, about.now, true);
  fill(strip.hours, [0, 6, 12, 18, 24].map((hour) => h("span", {}, String(hour))));
  fill(
    byId("lanes"),
    found.lanes.length
      ? h("ul", { class: "lanes" }, found.lanes.map((lane) =>
          h("li", { "data-open": lane.is_open ? "yes" : "no" }, h("strong", {}, lane.lane), " ", lane.is_open ? _("open") : _("closed"), " ",
            h("span", { class: "muted" }, _("since {at}", { at: moment(lane.since, found.at) }), lane.reason ? `: ${lane.reason}` : ""))))
      : h("p", { class: "muted" }, _("No lane has been reported.")),
  );
}

/**
 * Say what the chart shows ahead, or why it shows nothing.
 * @param {import("../elements/outlook.js").Outlook | undefined} outlook
 * @param {Outlooks} all
 * @param {number} nDays
 * @param {boolean} hasPlan
 */
function expectedText(outlook, all, nDays, hasPlan) {
  const said = [];
  if (outlook?.reason === null && outlook.close && outlook.opening) {
    const { close, opening, doubts } = outlook;
    const told = { n: number(close.p50), band: band(close.p10, close.p90), at: moment(close.at, all.at) };
    said.push(close.never_closes ? _("Forecast for {at}: {n} veh ({band}).", told) : _("Forecast for the close at {at}: {n} veh ({band}).", told));
    if (overflowText(outlook)) said.push(`${overflowText(outlook)}.`);
    if (opening.at !== close.at) said.push(_("At the opening at {at}: {n} veh ({band}).", { n: number(opening.p50), band: band(opening.p10, opening.p90), at: moment(opening.at, all.at) }));
    if (doubts.length) said.push(_("Wide because {reasons}.", { reasons: doubtsText(doubts) }));
    said.push(_("Dotted: median; pale: eight of ten cases."));
  } else if (outlook) said.push(`${_("Nothing is drawn ahead")}: ${whyNot(outlook, all)}.`);
  if (hasPlan) said.push(_("Dashed: the plan adopted, as its forecast saw it."));
  if (nDays) said.push(_("Grey: the same hours of the last {n} same weekdays, eight of ten between.", { n: number(nDays) }));
  return said.join(" ");
}

/**
 * @param {{ at: string, text: string }[]} happened
 * @param {string} now
 */
function showNotes(happened, now) {
  fill(
    byId("notes"),
    happened.length
      ? h("ol", { class: "notes" }, happened.map(({ at, text }) => h("li", {}, h("time", { class: "muted" }, moment(at, now)), " ", text)))
      : h("p", { class: "muted" }, _("No closure, no change of hours or lanes, no decision.")),
  );
}

/** @param {Curves["classes"]} classes */
function showClasses(classes) {
  const most = Math.max(1, ...classes.flatMap((one) => [one.arrived, one.cleared]));
  const bar = (/** @type {number} */ n) => {
    const line = h("i", {});
    line.style.width = `${(100 * n) / most}%`;
    return h("td", { class: "number" }, h("span", { class: "bar", "aria-hidden": "true" }, line), " ", number(n));
  };
  fill(
    byId("classes"),
    classes.length
      ? h("table", {}, h("caption", { class: "spoken" }, _("By class of vehicle")),
          h("thead", {}, h("tr", {}, h("th", { scope: "col" }, _("Class")), h("th", { scope: "col", class: "number" }, `${_("Arrived")} [${_("veh")}]`), h("th", { scope: "col", class: "number" }, `${_("Cleared")} [${_("veh")}]`))),
          h("tbody", {}, classes.map((one) => h("tr", {}, h("th", { scope: "row" }, pick(one.title)), bar(one.arrived), bar(one.cleared)))))
      : h("p", { class: "muted" }, _("No feed here tells classes.")),
  );
}

async function loadCurves() {
  const query = pastDay ? `?from=${begins}&to=${dayEnds}` : "";
  const [curves, outlooks] = await Promise.all([get(`/v1/curves/${gate}/${direction}${query}`), get(`/v1/outlooks${pastDay ? `?day=${pastDay}` : ""}`)]);
  draw(curves, outlooks);
}

async function loadSources() {
  /** @type {{ at: string, sources: any[] }} */
  const found = await get("/v1/feeds");
  const ours = found.sources.filter((source) => source.gate === gate);
  fill(
    byId("sources"),
    stacked(h(
      "table",
      {},
      h("thead", {}, h("tr", {}, [_("Source"), _("State"), _("Last heard"), _("Missing")].map((title) => h("th", { scope: "col" }, title)))),
      h(
        "tbody",
        {},
        ours
          .sort((a, b) => Number(b.is_silent) - Number(a.is_silent) || a.source.localeCompare(b.source))
          .map((source) =>
            h(
              "tr",
              {},
              h("th", { scope: "row" }, (language === "vi" ? source.title_vi : source.title) || source.source),
              h("td", {}, source.is_silent ? levelMark("unknown", _("silent")) : source.is_expected ? _("heard") : _("need not be heard now")),
              h("td", {}, source.last_heard === null ? _("never") : age((Date.parse(found.at) - Date.parse(source.last_heard)) / 1000)),
              h("td", { class: "number" }, number(source.n_missing)),
            ),
          ),
      ),
    )),
  );
}


show(dataOf("live"));
listen("live", show);
for (const [load, every] of /** @type {[() => Promise<void>, number][]} */ ([[loadCurves, CURVES_EVERY_MS], [loadSources, SOURCES_EVERY_MS]])) {
  const again = () => void load().catch((error) => console.warn(error)); // the banner tells when the service is away
  again();
  setInterval(again, every);
  window.addEventListener("gatewatch:begun", again);
}
