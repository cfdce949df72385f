// S10, the quality of the alarms.

import { stacked } from "../elements/stacked.js";
import { get, told } from "../shared/api.js";
import { byId, dataOf, fill, h } from "../shared/dom.js";
import { directionWord, duration, moment, NOT_KNOWN, number, percent } from "../shared/format.js";
import { serverNow } from "../shared/stream.js";
import { _, languageOf, pick } from "../shared/words.js";

const MANAGEABLE_PER_HOUR = 6;
const FLOOD = 10;
/** @type {Record<string, string>} */
const gates = dataOf("gates");
/** @type {Record<string, string>} */
const titles = dataOf("titles");
const days = /** @type {HTMLSelectElement} */ (byId("days"));

/** @param {Record<string, string>} labels */
function named(labels) {
  const parts = [titles[labels.alertname] ?? labels.alertname ?? "", labels.gate ? (gates[labels.gate] ?? labels.gate) : "", labels.direction ? directionWord(labels.direction) : "", labels.source ?? labels.subject ?? ""];
  return parts.filter((part) => part).join(" · ");
}

/** @param {{ n: number, share: number | null }} one */
function often(one) {
  const share = percent(one.share);
  return one.n === 1 ? _("once, {share} of all", { share }) : _("{n} times, {share} of all", { n: number(one.n), share });
}

/** @param {any[]} found @param {string} nothing */
function repeating(found, nothing) {
  if (!found.length) return h("p", { class: "muted" }, nothing);
  return h("ul", {}, found.map((one) => h("li", {}, named(one.labels), " ", h("span", { class: "muted" }, often(one)))));
}

/** @param {{ rule: string, n_fired: number, n_useful: number, n_useless: number }[]} found */
function useful(found) {
  if (!found.length) return h("p", { class: "muted" }, _("Nothing fired in this time"));
  const heads = [_("Fired"), _("Called useful"), _("Called useless"), _("Nobody said")];
  return h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": _("Useful, by rule") }, stacked(h("table", {},
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, _("Rule")), heads.map((text) => h("th", { scope: "col", class: "number" }, text)))),
    h("tbody", {}, found.map((one) => h("tr", {}, h("th", { scope: "row" }, h("a", { href: `/rules#${encodeURIComponent(one.rule)}` }, titles[one.rule] ?? one.rule)),
      [one.n_fired, one.n_useful, one.n_useless, Math.max(0, one.n_fired - one.n_useful - one.n_useless)].map((n) => h("td", { class: "number" }, number(n)))))))));
}

/** @param {string} title @param {string | Node} value @param {string} [verdict] */
const fact = (title, value, verdict = "") => [h("dt", {}, title), h("dd", {}, h("strong", {}, value), verdict ? ` – ${verdict}` : "")];

async function show() {
  const box = byId("quality");
  try {
    const q = await get(`/v1/alerts/quality?days=${days.value}`);
    const now = serverNow();
    fill(box, h("div", { class: "grid top-aligned" },
      h("section", { class: "panel half" }, h("h2", {}, _("How many")), h("dl", { class: "facts wide" },
        fact(_("Fired"), number(q.n_fired)),
        fact(_("Critical"), number(q.n_critical)),
        fact(_("For one operator, an hour"), number(q.per_operator_hour, 1), q.per_operator_hour > MANAGEABLE_PER_HOUR ? _("more than one can look after") : _("manageable")),
        fact(_("Most within ten minutes"), number(q.busiest_10_min), q.busiest_10_min > FLOOD ? _("a flood") : ""),
        fact(_("Time in floods"), percent(q.flood_share)))),
      h("section", { class: "panel half" }, h("h2", {}, _("Looked after")), h("dl", { class: "facts wide" },
        fact(_("Taken on"), percent(q.acknowledged_share)),
        fact(_("Until somebody took it, median"), duration(q.median_to_acknowledge_s)))),
      h("section", { class: "panel half" }, h("h2", {}, _("Fire most often")), repeating(q.top, _("Nothing fired in this time"))),
      h("section", { class: "panel half" }, h("h2", {}, _("Chatter: three times within an hour")), repeating(q.chattering, _("None"))),
      h("section", { class: "panel" }, h("h2", {}, _("Useful, by rule")), useful(q.rules)),
      h("section", { class: "panel" }, h("h2", {}, _("Stand for more than a day")),
        q.stale.length
          ? h("ul", {}, q.stale.map((/** @type {any} */ alert) => h("li", {}, h("a", { href: `/alarms#${encodeURIComponent(alert.id)}`, lang: languageOf(alert.sentence) }, pick(alert.sentence)), " ", h("span", { class: "muted" }, _("since {at}", { at: alert.fired_at ? moment(alert.fired_at, now) : NOT_KNOWN })))))
          : h("p", { class: "muted" }, _("None")))));
  } catch (error) {
    fill(box, told(error));
  }
}

days.addEventListener("change", () => void show());
void show();
