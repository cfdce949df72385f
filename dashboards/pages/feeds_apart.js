// Reports that are kept apart because they cannot be counted: which, why, and what stands in them.

import { get, told } from "../shared/api.js";
import { fill, h } from "../shared/dom.js";
import { moment } from "../shared/format.js";
import { serverNow } from "../shared/stream.js";
import { _ } from "../shared/words.js";

const MOST = 50;

/** @param {string} cause */
const causeWord = (cause) => (cause === "conflict" ? _("in conflict") : _("refused"));

/**
 * Show the newest of them.
 * @param {HTMLElement} box
 */
export async function showApart(box) {
  try {
    const { items } = await get(`/v1/quarantine?order=newest&limit=${MOST}`);
    const now = serverNow();
    if (!items.length) {
      fill(box, h("div", { class: "state" }, h("strong", {}, _("Nothing is kept apart"))));
      return;
    }
    fill(box, h("ul", { class: "plain" }, items.map((/** @type {any} */ item) => h("li", {}, h("details", {},
      h("summary", {}, h("strong", {}, item.source), " ", h("span", { class: "tag" }, causeWord(item.cause)), " ", h("span", { class: "muted" }, moment(item.received_at, now)),
        h("span", { class: "small block", lang: "en" }, item.reason)),
      h("p", { class: "small muted" }, _("Number {n}, id {id}", { n: item.number, id: item.id })),
      h("pre", { class: "toml", tabindex: 0 }, JSON.stringify(item.event, null, 2)))))),
    items.length === MOST && h("p", { class: "muted" }, _("The last {n} are shown; the interface has all of them.", { n: MOST })));
  } catch (error) {
    fill(box, told(error));
  }
}
