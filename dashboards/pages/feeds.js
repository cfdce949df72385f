// S9, the feeds: every source, the worst first, and the live tail of one.

import { shape } from "../elements/level.js";
import { stacked } from "../elements/stacked.js";
import { get, told } from "../shared/api.js";
import { byId, dataOf, fill, h, say } from "../shared/dom.js";
import { age, clockWithSeconds, duration, moment, NOT_KNOWN, number } from "../shared/format.js";
import { listen, serverNow } from "../shared/stream.js";
import { _, language } from "../shared/words.js";
import { showApart } from "./feeds_apart.js";

/** @typedef {any} Source as /v1/feeds tells it */

const LOOK_MS = 10000;
const TAIL_MS = 2000;
const SKEW_S = 30;
/** @type {Record<string, string>} */
const gates = dataOf("gates");
/** @type {Record<string, number | null>} */
const periods = dataOf("periods");

/** @param {Source} source @returns {{ rank: number, level: string, word: string }} */
function judged(source) {
  if (source.is_silent) return { rank: 0, level: "critical", word: source.last_heard ? _("silent since {at}", { at: moment(source.silent_since, serverNow()) }) : _("never heard") };
  if (source.skew_s !== null && Math.abs(source.skew_s) > SKEW_S) return { rank: 1, level: "congested", word: _("clock is off") };
  if (source.n_missing > 0) return { rank: 2, level: "busy", word: _("numbers are missing") };
  if (!source.is_declared) return { rank: 3, level: "busy", word: _("not declared") };
  if (!source.last_heard) return { rank: 4, level: "unknown", word: _("not heard yet") };
  if (!source.is_expected) return { rank: 6, level: "shut", word: _("need not be heard now") };
  return { rank: 5, level: "clear", word: _("is heard") };
}

/** @param {Source} source */
const title = (source) => (language === "vi" ? source.title_vi : source.title) || source.source;

/** @param {{ sources: Source[] }} state */
function show({ sources }) {
  const now = serverNow();
  const found = sources.map((source) => ({ source, ...judged(source) }));
  found.sort((a, b) => a.rank - b.rank || Date.parse(a.source.last_heard ?? 0) - Date.parse(b.source.last_heard ?? 0) || (a.source.source < b.source.source ? -1 : 1));
  const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.source : undefined;
  fill(byId("sources"), found.map(({ source, level, word }) => h("tr", { "data-chosen": source.source === chosen },
    h("th", { scope: "row" },
      h("a", { href: `?source=${encodeURIComponent(source.source)}`, "data-source": source.source }, title(source)),
      h("span", { class: "muted small block" }, [source.gate ? (gates[source.gate] ?? source.gate) : "", source.source].filter((text) => text).join(" · "))),
    h("td", {}, h("span", { class: "tag", "data-level": level }, shape(level), h("span", {}, word))),
    h("td", {}, source.last_heard ? age((now - Date.parse(source.last_heard)) / 1000) : NOT_KNOWN),
    h("td", { class: "number" }, periods[source.source] ? duration(60 * (periods[source.source] ?? 0)) : NOT_KNOWN),
    h("td", { class: "number" }, number(source.n_missing)),
    h("td", { class: "number" }, source.skew_s === null ? NOT_KNOWN : `${number(source.skew_s, 1)} ${_("s")}`),
    h("td", { class: "number" }, number(source.n_repeated)),
  )));
  stacked(/** @type {Element} */ (byId("sources").closest("table")));
  if (focused) /** @type {HTMLElement | null} */ (byId("sources").querySelector(`[data-source="${CSS.escape(focused)}"]`))?.focus();
  const silent = found.filter((one) => one.source.is_silent).length;
  say(byId("sum"), silent ? _("{n} sources, {k} silent", { n: number(found.length), k: number(silent) }) : _("{n} sources, none silent", { n: number(found.length) }));
}

/** @type {string | null} */
let chosen = new URLSearchParams(location.search).get("source");
let isPaused = false;

/** @param {string} status */
function statusWord(status) {
  /** @type {Record<string, [string, string]>} */
  const known = {
    accepted: ["clear", _("accepted")], duplicate: ["shut", _("duplicate")],
    conflict: ["congested", _("in conflict")], rejected: ["critical", _("refused")],
  };
  const [level, word] = known[status] ?? ["unknown", status];
  return h("span", { class: "tag", "data-level": level }, shape(level), h("span", {}, word));
}

async function tail() {
  if (!chosen || isPaused || document.hidden) return;
  const source = chosen;
  try {
    const told_ = await get(`/v1/feeds/tail?source=${encodeURIComponent(source)}&limit=50`);
    if (source !== chosen || isPaused) return;
    const rows = told_.arrivals.map((/** @type {any} */ a) => h("tr", {},
      h("td", {}, clockWithSeconds(a.at)), h("td", {}, statusWord(a.status)),
      h("td", {}, a.type ?? NOT_KNOWN, h("span", { class: "muted small block" }, a.id ?? "", a.said_at ? ` · ${_("its time {at}", { at: clockWithSeconds(a.said_at) })}` : "")),
      h("td", { class: "small" }, h("span", { lang: "en" }, a.reasons.join(" ")))));
    fill(byId("tail-body"),
      h("p", { class: "muted" }, source, " · ", _("remembered since {at}", { at: moment(told_.since, serverNow()) })),
      rows.length
        ? h("div", { class: "scroll", tabindex: 0, role: "region", "aria-labelledby": "tail-title" }, stacked(h("table", {}, h("thead", {}, h("tr", {}, [_("Came at"), _("Became"), _("What"), _("Why")].map((text) => h("th", { scope: "col" }, text)))), h("tbody", {}, rows))))
        : h("div", { class: "state" }, h("strong", {}, _("Nothing came from it yet")), h("span", {}, _("What it sends from now on appears here within two seconds."))));
  } catch (error) {
    fill(byId("tail-body"), told(error));
  }
}

/** @param {string} source */
function choose(source) {
  chosen = source;
  document.querySelector(".feeds")?.classList.add("has-tail");
  byId("pause").hidden = false;
  for (const row of byId("sources").children) row.toggleAttribute("data-chosen", row.querySelector("a")?.dataset.source === source);
  void tail();
}

byId("sources").addEventListener("click", (event) => {
  const link = event.target instanceof Element ? /** @type {HTMLElement | null} */ (event.target.closest("a[data-source]")) : null;
  if (!link?.dataset.source) return;
  event.preventDefault();
  history.replaceState(null, "", `?source=${encodeURIComponent(link.dataset.source)}`);
  choose(link.dataset.source);
  byId("tail").scrollIntoView({ block: "nearest" });
});
byId("pause").addEventListener("click", () => {
  isPaused = !isPaused;
  byId("pause").setAttribute("aria-pressed", String(isPaused));
  say(byId("pause"), isPaused ? _("Go on") : _("Pause"));
  void tail();
});

async function look() {
  if (document.hidden) return;
  await get("/v1/feeds").then(show).catch(() => null); // the stream tells when the service is gone
}

show(dataOf("state"));
const apart = document.getElementById("apart");
if (apart) {
  void showApart(apart);
  document.getElementById("apart-again")?.addEventListener("click", () => void showApart(apart));
}
if (chosen) choose(chosen);
setInterval(() => void look(), LOOK_MS);
setInterval(() => void tail(), TAIL_MS);
listen("frozen", (is) => !is && void look());
