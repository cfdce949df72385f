// A chart over the time of day: lines, bands, dots; a sentence above it and the same numbers as a table below.

import { fill, h, say } from "../shared/dom.js";
import { clock, NOT_KNOWN, number, zone } from "../shared/format.js";
import { _ } from "../shared/words.js";

/**
 * @typedef {object} Series
 * @property {string} label
 * @property {string} colour a variable of tokens.css
 * @property {"line" | "dots" | "step" | "edge"} [kind] `edge` is the end of a band and has no line
 * @property {boolean} [isDashed] a plan
 * @property {boolean} [isDotted] a forecast
 * @property {boolean} [isHidden] not in the table
 *
 * @typedef {object} Options
 * @property {Series[]} series
 * @property {{ low: number, high: number, colour: string }[]} [bands] by places in `series`
 * @property {number} [height]
 * @property {number} [digits]
 * @property {string} [together] charts with the same name share cursor and range
 * @property {string} [unit] of the axis
 */

const AXIS = 11;

/** @typedef {number | null | undefined} Value null is a gap; undefined: nothing is said of that time */

/**
 * Return columns over the same times, as `TimeChart.show` takes them.
 * @param {{ at: number[], columns: Value[][] }[]} parts each with times of its own [s], ascending
 * @returns {Value[][]}
 */
export function joined(parts) {
  const times = [...new Set(parts.flatMap((part) => part.at))].sort((a, b) => a - b);
  const place = new Map(times.map((at, n) => [at, n]));
  const columns = parts.flatMap((part) =>
    part.columns.map((column) => {
      /** @type {Value[]} */
      const whole = new Array(times.length).fill(undefined);
      column.forEach((value, n) => { whole[place.get(part.at[n] ?? 0) ?? 0] = value; });
      return whole;
    }),
  );
  return [times, ...columns];
}

/** @param {string} name */
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export class TimeChart {
  /**
   * @param {HTMLElement} root a `<figure class="chart">` with `.summary`, `.plot` and `.twin`
   * @param {Options} options
   */
  constructor(root, options) {
    this.options = options;
    this.plot = /** @type {HTMLElement} */ (root.querySelector(".plot"));
    this.summary = root.querySelector(".summary");
    this.twin = /** @type {HTMLDetailsElement | null} */ (root.querySelector(".twin"));
    /** @type {uPlot | null} */
    this.chart = null;
    /** @type {Value[][]} */
    this.data = [[]];
    /** @type {number} */
    this.now = 0;
    /** @type {[number, string, string?][]} */
    this.limits = [];
    /** @type {[number, string][]} */
    this.notes = [];
    /** @type {HTMLElement | undefined} */
    this.readout = undefined;
    this.plot.tabIndex = 0;
    this.plot.addEventListener("keydown", (event) => this.onKey(event));
    this.twin?.addEventListener("toggle", () => this.table());
    new ResizeObserver(() => this.resize()).observe(this.plot);
    window.addEventListener("gatewatch:theme", () => this.rebuild());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.rebuild());
  }

  /**
   * Show data.
   * @param {Value[][]} data times [s since 1970], then a column for each series
   * @param {{ now: number, summary?: string, from?: number, to?: number, limits?: [number, string, string?][], notes?: [number, string][] }} about
   *   `now` [s]; `limits` are thin labelled lines: value, label, colour; `notes` mark times: when [s], a mark of few letters
   */
  show(data, about) {
    this.data = data;
    this.now = about.now;
    this.limits = about.limits ?? [];
    this.notes = about.notes ?? [];
    this.range = about.from !== undefined && about.to !== undefined ? [about.from, about.to] : null;
    say(this.summary, about.summary ?? "");
    if (about.summary) this.plot.setAttribute("aria-label", about.summary);
    if (this.chart) this.chart.setData(/** @type {uPlot.AlignedData} */ (data), !this.isZoomed);
    else this.build();
    this.table();
  }

  get isZoomed() {
    const [first, last] = this.range ?? [];
    const scale = this.chart?.scales.x;
    return !!scale && first !== undefined && (scale.min !== first || scale.max !== last) && scale.min !== undefined && this.zoomed;
  }

  rebuild() {
    this.chart?.destroy();
    this.chart = null;
    this.build();
  }

  resize() {
    const width = Math.floor(this.plot.clientWidth);
    if (this.chart && width > 0 && Math.abs(this.chart.width - width) > 1) this.chart.setSize({ width, height: this.chart.height });
    else if (!this.chart && width > 0 && this.data[0]?.length) this.build();
  }

  build() {
    const width = Math.floor(this.plot.clientWidth);
    if (!width || !this.data[0]?.length) return;
    const { series, bands = [], height = 180, together, unit: of = "" } = this.options;
    const axis = {
      stroke: colour("--muted"),
      grid: { stroke: colour("--line"), width: 0.5 },
      ticks: { stroke: colour("--line"), width: 0.5, size: 4 },
      font: `${AXIS}px ${colour("--font")}`,
    };
    this.zoomed = false;
    this.chart = new uPlot(
      {
        width,
        height,
        legend: { show: false },
        tzDate: (at) => uPlot.tzDate(new Date(at * 1000), zone),
        cursor: { ...(together ? { sync: { key: together } } : {}), points: { size: 7 }, y: false },
        padding: [14, 20, 0, 0],
        scales: {
          x: { range: (_u, min, max) => (this.range && !this.zoomed ? [this.range[0] ?? min, this.range[1] ?? max] : [min, max]) },
          y: { range: (_u, _min, max) => [0, Math.max(1, ...this.limits.map(([value]) => value), max) * 1.08] },
        },
        axes: [
          { ...axis, space: 54, size: 26, values: (_u, splits) => splits.map((at) => clock(at * 1000)) },
          { ...axis, size: 44, space: 28, values: (_u, splits) => splits.map((value) => number(value, value % 1 ? 1 : 0)), label: of, labelSize: of ? 16 : 0, labelFont: `${AXIS}px ${colour("--font")}` },
        ],
        bands: bands.map((b) => ({ series: [b.high, b.low], fill: colour(b.colour) })),
        series: [{}, ...series.map((one) => drawn(one))],
        hooks: {
          draw: [(u) => this.annotate(u)],
          setCursor: [(u) => this.tell(u)],
          setSelect: [() => { this.zoomed = true; }],
        },
      },
      /** @type {uPlot.AlignedData} */ (this.data),
      this.plot,
    );
  }

  /**
   * Draw limits, the rule of now, and each line's name at its end.
   * @param {uPlot} u
   */
  annotate(u) {
    const { ctx, bbox } = u;
    const ratio = devicePixelRatio || 1;
    ctx.save();
    ctx.font = `${AXIS * ratio}px ${colour("--font")}`;
    ctx.textBaseline = "bottom";
    for (const [value, label, name] of this.limits) {
      const y = Math.round(u.valToPos(value, "y", true));
      ctx.strokeStyle = ctx.fillStyle = colour(name ?? "--muted");
      ctx.lineWidth = ratio;
      line(ctx, bbox.left, y, bbox.left + bbox.width, y, []);
      ctx.textAlign = "left";
      ctx.fillText(label, bbox.left + 4 * ratio, y - 1);
    }
    for (const [at, mark] of this.notes) this.mark(u, at, mark);
    const x = Math.round(u.valToPos(this.now, "x", true));
    if (x >= bbox.left && x <= bbox.left + bbox.width) {
      ctx.strokeStyle = ctx.fillStyle = colour("--muted");
      ctx.lineWidth = ratio;
      line(ctx, x, bbox.top, x, bbox.top + bbox.height, [4 * ratio, 3 * ratio]);
      const isRight = x > bbox.left + bbox.width * 0.8;
      ctx.textAlign = isRight ? "right" : "left";
      ctx.fillText(_("now"), x + (isRight ? -4 : 4) * ratio, bbox.top + 2);
    }
    ctx.textBaseline = "middle";
    /** @type {{ y: number, from: number, to: number }[]} */
    const taken = [];
    this.options.series.forEach((one, place) => {
      if (one.isHidden || one.kind === "edge" || one.kind === "dots") return;
      const column = this.data[place + 1] ?? [];
      const most = u.scales.x?.max ?? Infinity;
      let last = column.length - 1;
      while (last >= 0 && (column[last] === null || column[last] === undefined || (this.data[0]?.[last] ?? 0) > most)) last -= 1;
      const at = this.data[0]?.[last];
      const value = column[last];
      if (at === null || at === undefined || value === null || value === undefined) return;
      const px = u.valToPos(at, "x", true);
      if (px < bbox.left) return;
      const goesOn = this.options.series.some((other, n) => n !== place && !other.isHidden && other.kind !== "edge" && this.says(n, at, most));
      const isAfter = bbox.left + bbox.width - px > 90 * ratio && !goesOn;
      const width = ctx.measureText(one.label).width;
      const from = isAfter ? px + 6 * ratio : px - 6 * ratio - width;
      const own = u.valToPos(value, "y", true) - (isAfter ? 0 : 10 * ratio);
      const isFree = (/** @type {number} */ y) => y > bbox.top && y < bbox.top + bbox.height
        && !taken.some((other) => Math.abs(other.y - y) < AXIS * 1.1 * ratio && other.from < from + width && other.to > from);
      const py = [0, 1, -1, 2, -2, 3, -3].map((step) => own - step * AXIS * 1.2 * ratio).find(isFree) ?? own;
      taken.push({ y: py, from, to: from + width });
      ctx.fillStyle = colour(one.colour);
      ctx.textAlign = isAfter ? "left" : "right";
      ctx.fillText(one.label, px + (isAfter ? 6 : -6) * ratio, py);
    });
    ctx.restore();
  }

  /**
   * Return whether a series says something after a time, as far as is shown.
   * @param {number} place
   * @param {number} after
   * @param {number} most
   */
  says(place, after, most) {
    const times = this.data[0] ?? [];
    return (this.data[place + 1] ?? []).some((value, n) => value !== null && value !== undefined && (times[n] ?? 0) > after + 3600 && (times[n] ?? 0) <= most);
  }

  /**
   * Mark a time at the foot of the chart.
   * @param {uPlot} u
   * @param {number} at
   * @param {string} mark
   */
  mark(u, at, mark) {
    const { ctx, bbox } = u;
    const ratio = devicePixelRatio || 1;
    const x = Math.round(u.valToPos(at, "x", true));
    if (x < bbox.left || x > bbox.left + bbox.width) return;
    const foot = bbox.top + bbox.height;
    ctx.strokeStyle = ctx.fillStyle = colour("--plan");
    ctx.lineWidth = ratio;
    line(ctx, x, bbox.top, x, foot, [1 * ratio, 3 * ratio]);
    ctx.textAlign = "center";
    const half = (ctx.measureText(mark).width / 2) + 3 * ratio;
    ctx.fillRect(x - half, foot - 15 * ratio, 2 * half, 14 * ratio);
    ctx.fillStyle = colour("--surface");
    ctx.fillText(mark, x, foot - 2 * ratio);
  }

  /**
   * Tell the numbers under the cursor above the chart.
   * @param {uPlot} u
   */
  tell(u) {
    const at = u.cursor.idx;
    if (at === null || at === undefined) {
      this.readout?.remove();
      this.readout = undefined;
      return;
    }
    this.readout ??= h("div", { class: "readout", "aria-hidden": "true" });
    if (!this.readout.isConnected) this.plot.append(this.readout);
    const parts = this.options.series.map((one, place) => {
      const value = this.data[place + 1]?.[at];
      return one.isHidden || one.kind === "edge" || value === undefined ? "" : ` · ${one.label} ${number(value, this.options.digits)}`;
    });
    say(this.readout, `${clock((this.data[0]?.[at] ?? 0) * 1000)}${parts.join("")}`);
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const u = this.chart;
    const times = this.data[0];
    if (!u || !times?.length) return;
    const { min = 0, max = 0 } = /** @type {{ min?: number, max?: number }} */ (u.scales.x ?? {});
    const span = max - min;
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      const step = event.key === "ArrowLeft" ? -1 : 1;
      const index = Math.min(times.length - 1, Math.max(0, (u.cursor.idx ?? times.length - 1) + step));
      u.setCursor({ left: u.valToPos(times[index] ?? 0, "x"), top: 10 });
    } else if (event.key === "+" || event.key === "=") this.zoom(min + span / 4, max - span / 4);
    else if (event.key === "-") this.zoom(min - span / 2, max + span / 2);
    else if (event.key === "0" || event.key === "Escape") this.all();
    else return;
    event.preventDefault();
  }

  /**
   * @param {number} min
   * @param {number} max
   */
  zoom(min, max) {
    this.zoomed = true;
    this.chart?.setScale("x", { min, max });
  }

  all() {
    this.zoomed = false;
    this.chart?.setData(/** @type {uPlot.AlignedData} */ (this.data), true);
  }

  /** Fill the table when it is open: the same numbers, for who reads rather than looks. */
  table() {
    if (!this.twin?.open) return;
    const shown = this.options.series.map((one, place) => ({ one, column: this.data[place + 1] ?? [] })).filter(({ one }) => !one.isHidden);
    const body = this.twin.querySelector("div");
    if (!body) return;
    fill(
      body,
      h(
        "table",
        {},
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, _("Time")), shown.map(({ one }) => h("th", { scope: "col", class: "number" }, one.label)))),
        h(
          "tbody",
          {},
          (this.data[0] ?? []).map((at, row) =>
            h(
              "tr",
              {},
              h("th", { scope: "row" }, at === null || at === undefined ? NOT_KNOWN : clock(at * 1000)),
              shown.map(({ column }) => h("td", { class: "number" }, column[row] === undefined ? "" : number(column[row], this.options.digits))),
            ),
          ),
        ),
      ),
    );
  }
}

/**
 * @param {Series} one
 * @returns {uPlot.Series}
 */
function drawn(one) {
  const stroke = colour(one.colour);
  if (one.kind === "edge") return { label: one.label, width: 0, points: { show: false } };
  if (one.kind === "dots") return { label: one.label, paths: () => null, points: { show: true, size: 6, fill: stroke, stroke, space: 0 } };
  return {
    label: one.label,
    stroke,
    width: 1.5,
    points: { show: false },
    ...(one.isDashed ? { dash: [6, 4] } : one.isDotted ? { dash: [2, 3] } : {}),
    ...(one.kind === "step" && uPlot.paths.stepped ? { paths: uPlot.paths.stepped({ align: -1 }) } : {}),
  };
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {number} x0
 * @param {number} y0
 * @param {number} x1
 * @param {number} y1
 * @param {number[]} dash
 */
function line(ctx, x0, y0, x1, y1, dash) {
  ctx.setLineDash(dash);
  ctx.beginPath();
  ctx.moveTo(x0, y0);
  ctx.lineTo(x1, y1);
  ctx.stroke();
  ctx.setLineDash([]);
}
