// Thresholds that calm days suggest: offered with what they rest on and the lines to copy, never applied from here.

import { announce, get, post, told } from "../shared/api.js";
import { byId, dataOf, fill, h } from "../shared/dom.js";
import { directionWord, levelWord, moment, number, unit } from "../shared/format.js";
import { followRun } from "../shared/run.js";
import { serverNow } from "../shared/stream.js";
import { _, languageOf, pick } from "../shared/words.js";

/** @type {Record<string, string>} */
const gates = dataOf("gates");
/** @type {Record<string, string>} */
const titles = dataOf("titles");
const box = byId("suggestions");

/** @param {number} value */
const exact = (value) => number(value, value % 1 ? 2 : 0);

/** @param {any} one */
function suggestion(one) {
  const lines = h("pre", { class: "toml", tabindex: 0, "aria-label": _("Lines for the file of thresholds") }, one.toml);
  const copy = h("button", { type: "button", class: "button", onclick: async () => {
    try {
      await navigator.clipboard.writeText(one.toml);
      announce(_("Copied."));
      fill(copy, _("Copied."));
    } catch {
      getSelection()?.selectAllChildren(lines); // browsers give the clipboard to https and to this machine only
      announce(_("Marked: copy it with Ctrl C."));
      fill(copy, _("Marked: copy it with Ctrl C."));
    }
  } }, _("Copy"));
  return h("li", { class: "suggestion" },
    h("h3", {}, `${titles[one.rule] ?? one.rule} · ${gates[one.gate] ?? one.gate} · ${directionWord(one.direction)}`),
    h("p", {}, _("{level}: {now} in force, {suggested} suggested [{unit}].", { level: levelWord(one.key), now: exact(one.now), suggested: exact(one.suggested), unit: unit(one.unit) }), " ",
      h("strong", {}, _("{now} alarms a week as it is, {suggested} as suggested.", { now: number(one.fired_now_per_week, 1), suggested: number(one.fired_suggested_per_week, 1) }))),
    h("p", { class: "muted", lang: languageOf(one.basis) }, pick(one.basis)),
    h("details", {}, h("summary", {}, _("Lines for the file of thresholds")), lines, copy));
}

async function show() {
  try {
    const found = await get("/v1/rules/suggestions");
    if (found.at === null) {
      fill(box, h("p", { class: "muted" }, _("Nobody has looked at past days yet; it happens every night.")));
      return;
    }
    fill(box, h("p", { class: "muted" }, _("From the {n} days before {at}.", { n: number(found.days), at: moment(found.at, serverNow()) })),
      found.suggestions.length ? h("ul", { class: "plain" }, found.suggestions.map(suggestion)) : h("p", {}, _("No threshold is far from what these days suggest.")));
  } catch (error) {
    fill(box, told(error));
  }
}

document.getElementById("suggest")?.addEventListener("click", async () => {
  try {
    const run = await post("/v1/rules/suggestions", {});
    fill(box, h("p", { role: "status" }, _("The days are replayed …")), h("progress", { "aria-label": _("How far the replay is") }));
    followRun(run.id, (now) => {
      const bar = box.querySelector("progress");
      if (bar && now.progress.total) {
        bar.max = now.progress.total;
        bar.value = now.progress.done;
      }
      if (now.ended_at && now.state === "done") void show();
      else if (now.ended_at) fill(box, h("div", { class: "problem" }, h("p", {}, _("The replay failed.")), h("p", { class: "small", lang: "en" }, now.reason)));
    }, (error) => fill(box, told(error)));
  } catch (error) {
    fill(box, told(error));
  }
});
void show();
