// Playback: a run's film or a recorded day, at a chosen speed, on a canvas with a table beside it.

import { bucketsAt, FilmCanvas, isOpen, serversAt } from "../charts/border_film.js";
import { filmCurve, waitingOver, worstOf } from "../charts/film_curve.js";
import { get, post, told } from "../shared/api.js";
import { byId, fill, h, s, say } from "../shared/dom.js";
import { BEIJING, clock, day, directionWord, number } from "../shared/format.js";
import { isTyping } from "../shared/typing.js";
import { _, pick } from "../shared/words.js";

const SPEEDS = [60, 300, 900, 1800, 3600];
const STEP_S = 900;
const FEWEST_TO_TELL = 5;
const isStill = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

const field = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (byId(id));
const slider = field("at");

/** @type {any} */
let film = null;
/** @type {FilmCanvas | null} */
let picture = null;
let at = 0;
let speed = 2;
let isPlaying = false;
let lastFrame = 0;
let lastTold = -1;
let worstAt = 0;

// --- what is watched ------------------------------------------------------------------------------

function showChoice() {
  for (const part of document.querySelectorAll("#choose [data-of]")) {
    /** @type {HTMLElement} */ (part).hidden = part.getAttribute("data-of") !== field("what").value;
  }
  if (field("what").value === "simulated" && byId("scenario").childElementCount === 0) void listScenarios();
}

async function listScenarios() {
  try {
    const { scenarios } = await get("/v1/scenarios");
    fill(byId("scenario"), scenarios.map((/** @type {any} */ one) => h("option", { value: one.name, selected: one.name === "peak" }, pick(one.title))));
  } catch (error) {
    fill(byId("answer"), told(error));
  }
}

byId("what").addEventListener("change", showChoice);
byId("choose").addEventListener("submit", (event) => {
  event.preventDefault();
  if (field("what").value === "recorded") void recorded(field("gate").value, field("date").value);
  else void simulated({ scenario: field("scenario").value, gate: field("gate").value, warmup_days: 2 });
});

/**
 * @param {string} gate
 * @param {string} date
 */
async function recorded(gate, date) {
  fill(byId("answer"), h("p", { class: "muted" }, _("Loading …")));
  try {
    const found = await get(`/v1/playback/${encodeURIComponent(gate)}?date=${encodeURIComponent(date)}`);
    history.replaceState(null, "", `/playback?gate=${gate}&date=${date}`);
    show(found);
  } catch (error) {
    fill(byId("answer"), told(error));
  }
}

/** @param {Record<string, unknown>} request */
async function simulated(request) {
  try {
    const run = await post("/v1/runs", { kind: "trace", request });
    follow(run.id);
  } catch (error) {
    fill(byId("answer"), told(error));
  }
}

/**
 * Follow a run until its film is there.
 * @param {string} id
 */
function follow(id) {
  history.replaceState(null, "", `/playback?run=${id}`);
  fill(byId("answer"), h("div", { class: "running" }, h("p", { role: "status" }, _("The day is being simulated …")), h("progress", { "aria-label": _("The day is being simulated …") })));
  const events = new EventSource(`/v1/runs/${id}/stream`);
  events.addEventListener("run", async (event) => {
    const run = JSON.parse(/** @type {MessageEvent} */ (event).data);
    if (!run.ended_at) return;
    events.close();
    if (run.state === "done") show(await get(`/v1/runs/${id}/film.json`));
    else fill(byId("answer"), h("div", { class: "problem" }, h("p", {}, _("There is no film: {state}.", { state: run.state })), h("p", { class: "small", lang: "en" }, run.reason)));
  });
  events.addEventListener("error", () => {
    if (events.readyState === EventSource.CLOSED) get(`/v1/runs/${id}`).catch((error) => fill(byId("answer"), told(error)));
  });
}

/**
 * Film one alternative of a comparison.
 * @param {string} id
 * @param {number} alternative 0: doing nothing
 * @param {string} gate
 */
async function ofComparison(id, alternative, gate) {
  try {
    const run = await get(`/v1/runs/${id}`);
    const { scenario, seed, demand_response, warmup_days, alternatives } = run.request;
    await simulated({ scenario, gate, seed, demand_response, warmup_days, policies: alternative ? alternatives[alternative - 1].policies : [] });
  } catch (error) {
    fill(byId("answer"), told(error));
  }
}

// --- the film -------------------------------------------------------------------------------------

/** @param {any} found */
function show(found) {
  fill(byId("answer"));
  film = found;
  if (!film.places.length) {
    byId("film").hidden = true;
    fill(byId("answer"), h("div", { class: "state" }, h("strong", {}, _("Nothing was counted at this gate on this day.")), h("span", {}, _("Choose another day or gate."))));
    return;
  }
  byId("film").hidden = false;
  const title = { gate: pick(film.title), day: day(film.begins) };
  say(byId("film-title"), film.basis === "recorded" ? _("{gate}, recorded on {day}", title) : _("{gate}, simulated {day}", title));
  say(byId("basis"), film.basis === "recorded"
    ? _("Counted by the feeds in quarter-hours. Vehicles are not known one by one: those of a quarter-hour are spread over it and leave in the order in which they came. Both are assumed.")
    : _("One repetition of the simulation; service times and servers are assumed. Another repetition looks otherwise."));
  slider.max = String(film.length_s);
  picture = new FilmCanvas(/** @type {HTMLCanvasElement} */ (byId("canvas")), film);
  const first = Math.min(...film.flows.flatMap((/** @type {any} */ flow) => flow.own.map((/** @type {number[]} */ w) => w[0])), film.length_s);
  go(first < film.length_s ? Math.max(0, first - 1800) : 0);
  legend();
  const waiting = waitingOver(film), worst = worstOf(waiting);
  worstAt = worst.at;
  fill(byId("curve"), filmCurve(film, waiting));
  say(byId("peak"), worst.n < FEWEST_TO_TELL ? _("Nobody waits for long on this day.")
    : _("Most wait at {at}: {n} vehicles ({direction}).", { at: clock(new Date(Date.parse(film.begins) + 1000 * worst.at)), n: number(worst.n), direction: directionWord(film.flows[worst.flow].direction) }));
  byId("worst").hidden = worst.n < FEWEST_TO_TELL;
  byId("play").hidden = isStill;
  setPlaying(false);
}

function legend() {
  const dot = (/** @type {string} */ kind, /** @type {string} */ text) => {
    const shape = kind === "work" ? s("circle", { cx: 6, cy: 6, r: 4, fill: "currentColor" })
      : s("rect", { x: 2, y: 2, width: 8, height: 8, fill: kind === "queue" ? "currentColor" : "none", stroke: "currentColor", "stroke-width": 2 });
    return h("span", { class: kind }, s("svg", { viewBox: "0 0 12 12", "aria-hidden": "true" }, shape), h("span", {}, text));
  };
  fill(byId("legend"), dot("work", _("being served or driving")), dot("queue", _("waiting for its turn")), dot("stuck", _("done, but cannot go on: full or shut ahead")), dot("road", _("on the road, no place in the yard")));
}

/** @param {number} to */
function go(to) {
  at = Math.min(Math.max(0, to), film.length_s);
  picture?.drawn.clear();
  draw(1);
}

/** @param {number} share */
function draw(share) {
  if (!picture) return;
  const buckets = bucketsAt(film, Math.min(at, film.length_s - 1));
  picture.draw(at, buckets, share);
  const shown = Math.floor(at / 60);
  if (shown === lastTold) return;
  lastTold = shown;
  tell(buckets);
}

/** @param {import("../charts/border_film.js").Bucket[]} buckets */
function tell(buckets) {
  const instant = new Date(Date.parse(film.begins) + 1000 * at);
  say(byId("film-clock"), `${clock(instant)} ${day(instant)}`);
  const beijing = _("Beijing");
  say(byId("film-beijing"), `${beijing} ${clock(instant, BEIJING)}`);
  slider.value = String(Math.round(at));
  const last = Math.min(at, film.length_s - 1);
  slider.setAttribute("aria-valuetext", clock(instant));
  fill(byId("sides"), film.flows.flatMap((/** @type {any} */ flow) => [
    side(_("{direction}, Vietnamese side", { direction: directionWord(flow.direction) }), isOpen(flow.own, last)),
    side(_("{direction}, Chinese side", { direction: directionWord(flow.direction) }), isOpen(flow.counterpart, last)),
  ]));
  say(byId("jam"), jam(buckets));
  if (!/** @type {HTMLDetailsElement} */ (byId("twin")).open) return;
  fill(byId("rows"), film.places.map((/** @type {any} */ place, /** @type {number} */ n) => {
    const bucket = buckets[n];
    const servers = serversAt(place, at);
    const cells = [number(bucket.queue.length + bucket.road.length), number(bucket.work.length), number(bucket.stuck.length), servers === null ? "—" : number(servers)];
    return h("tr", {}, h("th", { scope: "row" }, directionWord(film.flows[place.flow].direction)), h("td", {}, pick(place.title)), cells.map((text) => h("td", { class: "number" }, text)));
  }));
}

/**
 * @param {string} text
 * @param {boolean} open
 */
function side(text, open) {
  const word = open ? _("open") : _("shut");
  return h("span", { "data-open": String(open) }, `${text}: ${word}`);
}

/**
 * Say where most vehicles wait now, and why, for who has never seen a gate.
 * @param {import("../charts/border_film.js").Bucket[]} buckets
 */
function jam(buckets) {
  const waiting = buckets.map((bucket) => bucket.queue.length + bucket.road.length);
  const most = waiting.indexOf(Math.max(...waiting));
  if (waiting[most] < FEWEST_TO_TELL) return _("Nobody waits for long now.");
  const place = film.places[most];
  const servers = serversAt(place, at);
  const said = { place: pick(place.title), direction: directionWord(film.flows[place.flow].direction), n: number(waiting[most]), servers: number(servers) };
  if (servers === 0) return _("Most wait here: {place} ({direction}), {n} vehicles. It is shut: they wait for the opening.", said);
  if (servers !== null && buckets[most].work.length >= servers) return _("Most wait here: {place} ({direction}), {n} vehicles. All {servers} servers are busy.", said);
  const flow = film.flows[place.flow];
  const shut = [[flow.own, _("the Vietnamese side")], [flow.counterpart, _("the Chinese side")]].find(([windows]) => !isOpen(windows, at));
  if (!shut) return _("Most wait here: {place} ({direction}), {n} vehicles.", said);
  const opens = Math.min(...shut[0].map((/** @type {number[]} */ window) => window[0]).filter((/** @type {number} */ from) => from > at));
  if (!Number.isFinite(opens)) return _("Most wait here: {place} ({direction}), {n} vehicles: {side} is shut.", { ...said, side: shut[1] });
  return _("Most wait here: {place} ({direction}), {n} vehicles: {side} is shut until {at}.", { ...said, side: shut[1], at: clock(new Date(Date.parse(film.begins) + 1000 * opens)) });
}

// --- controls -------------------------------------------------------------------------------------

/** @param {boolean} to */
function setPlaying(to) {
  isPlaying = to && !isStill;
  say(byId("play"), isPlaying ? _("Pause") : _("Play"));
  say(byId("speed"), _("{n} × as fast", { n: number(SPEEDS[speed]) }));
  if (isPlaying) {
    if (at >= film.length_s) go(0);
    lastFrame = 0;
    requestAnimationFrame(frame);
  }
}

/** @param {number} now [ms] */
function frame(now) {
  if (!isPlaying || !film) return;
  const passed = lastFrame ? Math.min((now - lastFrame) / 1000, 0.25) : 0;
  lastFrame = now;
  at = Math.min(at + passed * SPEEDS[speed], film.length_s);
  draw(1 - Math.exp(-passed * 10));
  if (at >= film.length_s) setPlaying(false);
  else requestAnimationFrame(frame);
}

/** @param {number} by */
function change(by) {
  speed = Math.min(Math.max(0, speed + by), SPEEDS.length - 1);
  say(byId("speed"), _("{n} × as fast", { n: number(SPEEDS[speed]) }));
}

/** @param {number} by */
function step(by) {
  setPlaying(false);
  go((Math.round(at / STEP_S) + by) * STEP_S);
}

byId("play").addEventListener("click", () => setPlaying(!isPlaying));
byId("back").addEventListener("click", () => step(-1));
byId("on").addEventListener("click", () => step(1));
byId("worst").addEventListener("click", () => {
  setPlaying(false);
  go(worstAt);
});
byId("slower").addEventListener("click", () => change(-1));
byId("faster").addEventListener("click", () => change(1));
slider.addEventListener("input", () => go(Number(slider.value)));
byId("twin").addEventListener("toggle", () => {
  lastTold = -1;
  if (film) draw(1);
});
document.addEventListener("keydown", (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  if (!film || isTyping(event) || target.closest("button, summary, a, [type=range]")) return;
  /** @type {Record<string, () => void>} */
  const acts = {
    " ": () => setPlaying(!isPlaying), ArrowLeft: () => step(-1), ArrowRight: () => step(1), "+": () => change(1), "=": () => change(1), "-": () => change(-1),
  };
  const act = acts[event.key];
  if (act) {
    event.preventDefault();
    act();
  }
});
const anew = () => {
  if (!picture) return;
  picture.fit();
  draw(1);
};
window.addEventListener("resize", anew);
window.addEventListener("gatewatch:theme", () => requestAnimationFrame(anew));

function begin() {
  const query = new URLSearchParams(location.search);
  const [run, of, gate, date] = ["run", "of", "gate", "date"].map((key) => query.get(key) ?? "");
  showChoice();
  if (gate) field("gate").value = gate;
  if (date) field("date").value = date;
  if (/^[0-9a-f]+$/.test(run)) follow(run);
  else if (/^[0-9a-f]+$/.test(of)) void ofComparison(of, Number(query.get("alternative") ?? 0), gate);
  else void recorded(field("gate").value, field("date").value);
}

begin();
