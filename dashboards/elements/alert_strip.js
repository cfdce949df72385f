// The alerts that fire, worst first, with a button that says "I have it".

import { announce, get, post, Problem, told } from "../shared/api.js";
import { fill, h, say } from "../shared/dom.js";
import { clock, duration, moment } from "../shared/format.js";
import { listen, serverNow } from "../shared/stream.js";
import { _, languageOf, pick } from "../shared/words.js";
import { ACKNOWLEDGED_MIN, degreeWord, inOrder } from "./alert_order.js";
import { shape } from "./level.js";

/** @typedef {import("./alert_order.js").Alert} Alert */

const MOST = 3;

/**
 * Show the alerts that fire in an element, and keep them fresh.
 * @param {HTMLElement} root
 * @param {boolean} mayAct
 * @param {number} [most] how many
 */
export function alertStrip(root, mayAct, most = MOST) {
  const address = root.dataset.page; // of the page of all alerts
  const answer = h("div", { role: "alert" });
  const list = h("ul", { class: "alert-list" });
  const count = h("p", { class: "row muted" });
  fill(root, answer, list, count);

  /** @param {{ alerts: Alert[] }} found */
  function show(found) {
    const alerts = inOrder(found.alerts);
    const focused = document.activeElement?.getAttribute("data-acknowledge");
    fill(list, alerts.slice(0, most).map((alert) => row(alert)));
    if (focused) /** @type {HTMLElement | null} */ (list.querySelector(`[data-acknowledge="${CSS.escape(focused)}"]`))?.focus();
    const more = alerts.length - most;
    fill(
      count,
      alerts.length === 0 ? h("span", {}, _("No alert fires.")) : more > 0 ? h("span", {}, _("{n} more", { n: more })) : null,
      address ? h("a", { href: address }, _("All alerts")) : null,
    );
    root.dataset.worst = alerts.find((alert) => !alert.acknowledged)?.level ?? "";
  }

  /** @param {Alert} alert */
  function row(alert) {
    const has = alert.acknowledged;
    return h(
      "li",
      { "data-level": alert.level },
      h("span", { class: "level", "data-level": alert.level }, shape(alert.level), h("span", {}, degreeWord(alert, alert.level))),
      h("span", { class: "muted" }, moment(alert.since, serverNow())),
      address ? h("a", { href: `${address}#${encodeURIComponent(alert.id)}`, lang: languageOf(alert.sentence) }, pick(alert.sentence)) : h("span", { lang: languageOf(alert.sentence) }, pick(alert.sentence)),
      has
        ? h("span", { class: "muted" }, _("{who} has it since {at}", { who: has.by.replace(/^account:/, ""), at: clock(has.at) }))
        : h("strong", {}, _("nobody has it")),
      has || !alert.next_escalation_at
        ? null
        : h("span", { class: "muted", "data-until": alert.next_escalation_at }, untilText(alert.next_escalation_at)),
      mayAct && !has
        ? h("button", { class: "button", type: "button", "data-acknowledge": alert.id, onclick: () => void acknowledge(alert.id) }, _("I have it"))
        : null,
    );
  }

  /** @param {string} id */
  async function acknowledge(id) {
    try {
      await post(`/v1/alerts/${encodeURIComponent(id)}/acknowledge`, { minutes: ACKNOWLEDGED_MIN });
      fill(answer);
      announce(_("Noted: you have it."));
      await load();
    } catch (error) {
      fill(answer, told(error));
    }
  }

  async function load() {
    try {
      show(await get("/v1/alerts?state=active"));
    } catch (error) {
      if (error instanceof Problem && error.status !== 0) fill(answer, told(error));
    }
  }

  setInterval(() => {
    for (const element of list.querySelectorAll("[data-until]")) say(element, untilText(element.getAttribute("data-until") ?? ""));
  }, 1000);
  void load();
  listen("alerts", show);
}

/** @param {string} at */
function untilText(at) {
  const left = (Date.parse(at) - serverNow()) / 1000;
  return left > 0 ? _("goes to the next in {time}", { time: duration(left) }) : _("goes to the next now");
}
