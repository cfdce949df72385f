// A gate on a canvas: a strip for each direction, a column for each place, a dot for each vehicle. Vietnam is on the left.

import { number } from "../shared/format.js";
import { _, pick } from "../shared/words.js";

const STRIP = 300;
const HEAD = 96;
const CELL = 8;
const PAD = 6;
const LEAST_COLUMN = 92;

/** @typedef {any} Film as `film.json` */
/** @typedef {{ queue: number[], work: number[], stuck: number[], road: number[] }} Bucket legs, the first to come first */
const STATES = /** @type {const} */ (["queue", "work", "stuck", "road"]);

/**
 * Return what stands where at a time: for each place the legs in each state.
 * @param {Film} film
 * @param {number} at [s]
 * @returns {Bucket[]}
 */
export function bucketsAt(film, at) {
  /** @type {Bucket[]} */
  const buckets = film.places.map(() => ({ queue: [], work: [], stuck: [], road: [] }));
  const { begins, ends, place, state } = film.legs;
  for (let leg = 0; leg < begins.length; leg += 1) {
    if (begins[leg] <= at && at < ends[leg]) buckets[place[leg]][STATES[state[leg]]].push(leg);
  }
  const byTime = (/** @type {number} */ a, /** @type {number} */ b) => begins[a] - begins[b] || a - b;
  for (const bucket of buckets) for (const key of STATES) bucket[key].sort(byTime);
  return buckets;
}

/**
 * Return how many servers of a place can work at a time; null where there is no limit.
 * @param {any} place
 * @param {number} at
 * @returns {number | null}
 */
export function serversAt(place, at) {
  if (!place.servers) return null;
  let found = 0;
  for (const [from, servers] of place.servers) if (from <= at) found = servers;
  return found;
}

/**
 * Whether something is open at a time.
 * @param {number[][]} windows
 * @param {number} at
 */
export const isOpen = (windows, at) => windows.some(([from, to]) => from <= at && at < to);

export class FilmCanvas {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {Film} film
   */
  constructor(canvas, film) {
    this.canvas = canvas;
    this.film = film;
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    /** @type {Map<number, { x: number, y: number }>} where each vehicle was drawn last */
    this.drawn = new Map();
    this.width = this.height = 0;
    /** @type {Record<string, string>} */
    this.colours = {};
    this.font = "sans-serif";
    this.strips = film.flows.map((/** @type {any} */ flow, /** @type {number} */ n) => ({
      flow,
      places: film.places.flatMap((/** @type {any} */ place, /** @type {number} */ at) => (place.flow === n ? [at] : [])),
    }));
    this.fit();
  }

  /** Take the size of the page and its colours. */
  fit() {
    const most = Math.max(1, ...this.strips.map((/** @type {any} */ strip) => strip.places.length));
    const room = this.canvas.parentElement?.clientWidth ?? 1000;
    this.width = Math.max(room - 2, most * LEAST_COLUMN);
    this.height = this.strips.length * STRIP;
    const dense = window.devicePixelRatio || 1;
    this.canvas.width = Math.round(this.width * dense);
    this.canvas.height = Math.round(this.height * dense);
    this.canvas.style.width = `${this.width}px`;
    this.canvas.style.height = `${this.height}px`;
    this.context.setTransform(dense, 0, 0, dense, 0, 0);
    const style = getComputedStyle(document.documentElement);
    const colour = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
    this.colours = {
      ground: colour("--surface"), text: colour("--text"), muted: colour("--muted"), line: colour("--line"), strong: colour("--line-strong"),
      sunken: colour("--sunken"), queue: colour("--series-3"), work: colour("--accent"), stuck: colour("--congested"), road: colour("--busy"),
    };
    this.font = style.fontFamily || "sans-serif";
    this.drawn.clear();
  }

  /**
   * Draw a time.
   * @param {number} at [s]
   * @param {Bucket[]} buckets
   * @param {number} share how much of its way a vehicle goes towards its place in this frame, 0 to 1
   */
  draw(at, buckets, share) {
    const { context, colours } = this;
    context.fillStyle = colours.ground;
    context.fillRect(0, 0, this.width, this.height);
    this.strips.forEach((/** @type {any} */ strip, /** @type {number} */ n) => this.strip(strip, n * STRIP, at, buckets, share));
    if (this.drawn.size > 20_000) this.drawn.clear();
  }

  /**
   * @param {any} strip
   * @param {number} top
   * @param {number} at
   * @param {Bucket[]} buckets
   * @param {number} share
   */
  strip(strip, top, at, buckets, share) {
    const { context, colours, film } = this;
    const n = strip.places.length;
    const column = this.width / Math.max(n, 1);
    const isExport = strip.flow.direction === "export";
    const left = (/** @type {number} */ k) => (isExport ? k : n - 1 - k) * column;
    context.font = `600 13px ${this.font}`;
    context.fillStyle = colours.text;
    context.textAlign = "left";
    context.fillText(isExport ? _("Export: to China →") : _("Import: ← from China"), PAD, top + 18);
    this.yards(strip, left, column, top);
    strip.places.forEach((/** @type {number} */ number_of, /** @type {number} */ k) => {
      this.place(film.places[number_of], buckets[number_of], left(k), column, top + 44, at, share);
    });
    // The line itself: exports cross it after the clearance, imports before their first place.
    const cleared = strip.places.findIndex((/** @type {number} */ p) => film.places[p].is_clearance);
    const x = isExport ? Math.min((cleared + 1) * column, this.width - 2) : this.width - 2;
    context.strokeStyle = colours.text;
    context.lineWidth = 2;
    context.setLineDash([6, 4]);
    context.beginPath();
    context.moveTo(x, top + 26);
    context.lineTo(x, top + STRIP - 8);
    context.stroke();
    context.setLineDash([]);
    context.font = `600 11px ${this.font}`;
    context.textAlign = "right";
    context.fillStyle = colours.text;
    context.fillText(_("the line"), x - 4, top + STRIP - 10);
  }

  /**
   * Draw a bracket over the places of each yard.
   * @param {any} strip
   * @param {(k: number) => number} left
   * @param {number} column
   * @param {number} top
   */
  yards(strip, left, column, top) {
    const { context, colours, film } = this;
    for (let k = 0; k < strip.places.length; ) {
      const yard = film.places[strip.places[k]].yard;
      let last = k;
      while (last + 1 < strip.places.length && film.places[strip.places[last + 1]].yard === yard) last += 1;
      if (yard !== null) {
        const from = Math.min(left(k), left(last)) + 3;
        const to = Math.max(left(k), left(last)) + column - 3;
        context.strokeStyle = colours.strong;
        context.lineWidth = 1;
        context.beginPath();
        context.moveTo(from, top + 44);
        context.lineTo(from, top + 38);
        context.lineTo(to, top + 38);
        context.lineTo(to, top + 44);
        context.stroke();
        context.font = `11px ${this.font}`;
        context.fillStyle = colours.muted;
        context.textAlign = "center";
        const places = film.yards[yard].places;
        const text = places === null ? pick(film.yards[yard].title) : _("{yard}: {n} places", { yard: pick(film.yards[yard].title), n: number(places) });
        context.fillText(this.cut(text, to - from), (from + to) / 2, top + 34);
      }
      k = last + 1;
    }
  }

  /**
   * @param {any} place
   * @param {Bucket} bucket
   * @param {number} x
   * @param {number} width
   * @param {number} y
   * @param {number} at
   * @param {number} share
   */
  place(place, bucket, x, width, y, at, share) {
    const { context, colours } = this;
    const servers = serversAt(place, at);
    const isShut = servers === 0;
    const height = STRIP - 44 - 24;
    context.fillStyle = isShut ? colours.sunken : colours.ground;
    context.fillRect(x + 2, y, width - 4, height);
    context.strokeStyle = colours.line;
    context.lineWidth = 1;
    context.setLineDash(isShut ? [3, 3] : []);
    context.strokeRect(x + 2.5, y + 0.5, width - 5, height - 1);
    context.setLineDash([]);
    context.textAlign = "left";
    context.font = `600 11px ${this.font}`;
    context.fillStyle = colours.text;
    this.wrapped(pick(place.title), width - 2 * PAD, 3).forEach((line, n) => context.fillText(line, x + PAD, y + 14 + n * 13));
    context.font = `11px ${this.font}`;
    context.fillStyle = colours.muted;
    const waiting = bucket.queue.length + bucket.road.length;
    const inside = bucket.work.length;
    const said = place.kind === "station"
      ? [_("{n} wait here", { n: number(waiting) }), isShut ? _("shut") : _("{n} of {servers} busy", { n: number(inside), servers: number(servers) })]
      : [_("{n} vehicles", { n: number(waiting + inside + bucket.stuck.length) })];
    said.forEach((line, n) => { // how many wait is what a newcomer looks for
      context.fillStyle = n ? colours.muted : colours.text;
      context.font = n ? `11px ${this.font}` : `600 14px ${this.font}`;
      context.fillText(this.cut(line, width - 2 * PAD), x + PAD, y + 56 + n * 14);
    });
    let row = y + HEAD - 16;
    row = this.dots(bucket.work, "work", x, width, row, y + height, share);
    row = this.dots(bucket.stuck, "stuck", x, width, row, y + height, share);
    row = this.dots(bucket.queue, "queue", x, width, row, y + height, share);
    this.dots(bucket.road, "road", x, width, row, y + height, share);
  }

  /**
   * Draw the dots of a state and return where the next may begin; what does not fit is told as a number.
   * @param {number[]} legs
   * @param {"queue" | "work" | "stuck" | "road"} state
   * @param {number} x
   * @param {number} width
   * @param {number} top
   * @param {number} bottom
   * @param {number} share
   */
  dots(legs, state, x, width, top, bottom, share) {
    if (legs.length === 0) return top;
    const { context, colours, film } = this;
    const inRow = Math.max(1, Math.floor((width - 2 * PAD) / CELL));
    const rows = Math.max(0, Math.floor((bottom - top - 14) / CELL));
    const shown = Math.min(legs.length, rows * inRow);
    const isMirrored = film.flows[film.places[film.legs.place[legs[0]]].flow].direction === "export";
    context.fillStyle = colours[state];
    context.strokeStyle = colours[state];
    context.lineWidth = 1.5;
    for (let n = 0; n < shown; n += 1) {
      const across = (n % inRow) * CELL + CELL / 2;
      const target = { x: isMirrored ? x + width - PAD - across : x + PAD + across, y: top + Math.floor(n / inRow) * CELL + CELL / 2 };
      const vehicle = film.legs.vehicle[legs[n]];
      const was = this.drawn.get(vehicle) ?? target;
      const now = { x: was.x + (target.x - was.x) * share, y: was.y + (target.y - was.y) * share };
      this.drawn.set(vehicle, now);
      context.beginPath();
      if (state === "work") context.arc(now.x, now.y, 3, 0, 2 * Math.PI);
      else if (state === "stuck") context.rect(now.x - 2.5, now.y - 2.5, 5, 5);
      else context.rect(now.x - 2.75, now.y - 2.75, 5.5, 5.5);
      if (state === "stuck" || state === "road") context.stroke();
      else context.fill();
    }
    if (shown < legs.length) {
      context.font = `600 11px ${this.font}`;
      context.textAlign = "left";
      context.fillText(`+${number(legs.length - shown)}`, x + PAD, bottom - 4);
    }
    return top + Math.ceil(shown / inRow) * CELL + 4;
  }

  /**
   * @param {string} text
   * @param {number} width
   */
  cut(text, width) {
    if (this.context.measureText(text).width <= width) return text;
    let kept = text;
    while (kept.length > 1 && this.context.measureText(`${kept}…`).width > width) kept = kept.slice(0, -1);
    return `${kept}…`;
  }

  /**
   * @param {string} text
   * @param {number} width
   * @param {number} most
   * @returns {string[]}
   */
  wrapped(text, width, most) {
    /** @type {string[]} */
    const lines = [];
    let line = "";
    for (const word of text.split(" ")) {
      const longer = line ? `${line} ${word}` : word;
      if (line && this.context.measureText(longer).width > width) {
        lines.push(line);
        line = word;
      } else line = longer;
    }
    lines.push(line);
    if (lines.length > most) lines.splice(most - 1, lines.length, lines.slice(most - 1).join(" "));
    return lines.map((one) => this.cut(one, width));
  }
}
