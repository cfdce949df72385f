// Adopting an alternative of a forecast: a dated record with the reason and what the Chinese side says; what came of it.

import { announce, get, onSubmit, post } from "../shared/api.js";
import { byId, fill, h } from "../shared/dom.js";
import { band, day, directionWord, moment, number } from "../shared/format.js";
import { _, pick } from "../shared/words.js";
import { mayDecide, state } from "./plan_state.js";

const NOTHING = "do nothing";
const SHOWN = 5;

/**
 * Return the form that adopts an alternative; for who may not, whom to ask.
 * @param {string} forecast
 * @param {{ name: string, title: string, names: { vi: string, en: string } }[]} alternatives
 * @param {any[]} hours days on which an alternative has other opening hours
 */
export function decideForm(forecast, alternatives, hours) {
  if (!mayDecide) return alternatives.length ? h("p", { class: "muted not-printed" }, _("A coordinator adopts an alternative; show this page to one.")) : null;
  const which = /** @type {HTMLSelectElement} */ (
    h("select", { id: "adopted", name: "alternative" }, alternatives.map(({ name, title }) => h("option", { value: name }, title)), h("option", { value: NOTHING }, _("Do nothing")))
  );
  const consent = /** @type {HTMLSelectElement} */ (h("select", { id: "consent", name: "consent" }));
  const about = h("p", { class: "small muted" });
  const adapt = () => {
    const mine = hours.filter((row) => row.alternative === which.value);
    const isTheirs = mine.some((row) => row.side === "counterpart");
    /** @type {[string, string][]} */
    const options = [["yes", _("yes, it has agreed")], ["asked", _("asked, no answer yet")], ["no", _("no")]];
    if (!isTheirs) options.unshift(["not_needed", _("not needed")]);
    fill(consent, options.map(([value, text]) => h("option", { value }, text)));
    consent.value = isTheirs ? "asked" : "not_needed";
    fill(about, isTheirs
      ? _("It moves the hours of the Chinese side. Until it agrees, only those of the Vietnamese side go into the calendar.")
      : mine.length ? _("Its hours go into the calendar at once.") : _("It moves no hours: it is recorded, and followed."));
  };
  which.addEventListener("change", adapt);
  adapt();
  const form = /** @type {HTMLFormElement} */ (
    h("form", {},
      h("div", { class: "answer", role: "alert" }),
      h("div", { class: "pair" },
        h("div", { class: "field" }, h("label", { for: "adopted" }, _("Adopted")), which),
        h("div", { class: "field" }, h("label", { for: "consent" }, _("Does the Chinese side agree?")), consent)),
      about,
      h("div", { class: "field" }, h("label", { for: "reason" }, _("Reason")), h("textarea", { id: "reason", name: "note", rows: 2, maxlength: 1000, required: true })),
      h("button", { class: "button main" }, _("Adopt")))
  );
  onSubmit(form, async (values) => {
    const decided = await post("/v1/decisions", { forecast, alternative: values.get("alternative"), title: alternatives.find(({ name }) => name === values.get("alternative"))?.names ?? null, consent: values.get("consent"), note: values.get("note") });
    announce(_("The decision is recorded."));
    void drawDecisions();
    return h("div", {}, h("p", {}, _("The decision is recorded.")),
      decided.applied.length > 0 && h("p", {}, _("Now in the calendar: {hours}.", { hours: [...new Set(decided.applied.map(hoursText))].join("; ") })),
      h("p", {}, h("a", { href: "/" }, _("The overview draws it dashed.")), " ", _("What came of it is told here after the close.")));
  });
  return h("details", { class: "card not-printed decide" }, h("summary", {}, _("Adopt an alternative …")), form);
}

/** @param {any} row */
function hoursText(row) {
  const parts = [gateTitle(row.gate), row.side === "own" ? _("Vietnamese side") : _("Chinese side"), day(`${row.day}T05:00:00Z`)];
  if (row.opens) parts.push(_("opening at {at}", { at: row.opens }));
  if (row.closes) parts.push(_("closing at {at}", { at: row.closes }));
  return parts.join(", ");
}

/** @param {string} gate */
function gateTitle(gate) {
  const found = state.known?.gates.find((/** @type {any} */ one) => one.name === gate);
  return found ? pick(found.title) : gate;
}

/** Show the last decisions with what was foretold, and what happened. */
export async function drawDecisions() {
  const { decisions } = await get(`/v1/decisions?limit=${SHOWN}`);
  const holder = byId("decided");
  const now = new Date();
  holder.hidden = !decisions.length;
  fill(holder,
    h("h2", { id: "decided-title" }, _("Decided")),
    h("ul", { class: "list" }, decisions.map((/** @type {any} */ one) => h("li", {},
      h("div", {},
        h("a", { href: `/plan?run=${one.forecast}` }, one.alternative === NOTHING ? _("Do nothing") : pick(one.foretold.title ?? {}) || one.alternative), " ",
        h("span", { class: "small muted" }, `${moment(one.decided_at, now)} · ${one.decided_by.replace(/^account:/, "")} · ${consentText(one.consent)}`),
        one.note && h("div", {}, one.note),
        one.foretold.flows.map((/** @type {any} */ row) => h("div", { class: "small" }, outcomeText(one, row))))))));
}

/** @param {string} consent */
function consentText(consent) {
  /** @type {Record<string, string>} */
  const known = { yes: _("China agrees"), asked: _("China is asked"), no: _("China has not agreed"), not_needed: _("consent not needed") };
  return known[consent] ?? consent;
}

/**
 * @param {any} decision
 * @param {any} row foretold of a place
 */
function outcomeText(decision, row) {
  const { backlog } = row.alternative;
  const said = _("{place}, at {at}: {n} veh foretold ({band})", {
    place: `${gateTitle(row.gate)}, ${directionWord(row.direction)}`, at: moment(row.alternative.at, new Date()), n: number(backlog.p50), band: band(backlog.p10, backlog.p90),
  });
  const happened = decision.outcome?.flows.find((/** @type {any} */ one) => one.gate === row.gate && one.direction === row.direction);
  if (!happened) return said;
  if (happened.backlog === null) return `${said}; ${_("what came is not known")}`;
  return `${said}; ${happened.is_inside ? _("{n} came, within the band", { n: number(happened.backlog) }) : _("{n} came, outside the band", { n: number(happened.backlog) })}`;
}
