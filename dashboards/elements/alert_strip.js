// The alerts that fire, worst first, with a button that says "I have it".

import { announce, get, post, Problem, told } from "../shared/api.js";
import { fill, h, say } from "../shared/dom.js";
import { clock, duration, levelWord, moment } from "../shared/format.js";
import { listen, serverNow } from "../shared/stream.js";
import { _, pick } from "../shared/words.js";
import { shape } from "./level.js";

/**
 * @typedef {object} Alert
 * @property {string} id
 * @property {string} state
 * @property {string} level
 * @property {string} since
 * @property {Record<string, string>} sentence
 * @property {{ by: string, at: string, until: string } | null} acknowledged
 * @property {{ reason: string, until: string } | null} silence
 * @property {string | null} [inhibited_by]
 * @property {string | null} next_escalation_at
 */

const ORDER = ["critical", "congested", "busy", "unknown", "clear"];
const MOST = 3;
export const ACKNOWLEDGED_MIN = 60;

/**
 * Return alerts in the order of what needs somebody: worst first, those that nobody has before others, then by age.
 * @param {Alert[]} alerts
 * @returns {Alert[]}
 */
export function inOrder(alerts) {
  return alerts
    .filter((alert) => alert.state !== "pending" && alert.state !== "resolved" && !alert.silence && !alert.inhibited_by)
    .sort(
      (a, b) =>
        ORDER.indexOf(a.level) - ORDER.indexOf(b.level) ||
        Number(!!a.acknowledged) - Number(!!b.acknowledged) ||
        Date.parse(a.since) - Date.parse(b.since),
    );
}

/**
 * Show the alerts that fire in an element, and keep them fresh.
 * @param {HTMLElement} root
 * @param {boolean} mayAct
 * @param {number} [most] how many
 */
export function alertStrip(root, mayAct, most = MOST) {
  /** @type {Set<string>} */
  const known = new Set();
  const address = root.dataset.page; // of the page of all alerts
  let isFirst = true;
  const answer = h("div", { role: "alert" });
  const list = h("ul", { class: "alert-list" });
  const count = h("p", { class: "row muted" });
  fill(root, answer, list, count);

  /** @param {{ alerts: Alert[] }} found */
  function show(found) {
    const alerts = inOrder(found.alerts);
    for (const alert of alerts) {
      if (!known.has(alert.id) && !isFirst) announce(`${levelWord(alert.level)}: ${pick(alert.sentence)}`, alert.level === "critical");
      known.add(alert.id);
    }
    isFirst = false;
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
      h("span", { class: "level", "data-level": alert.level }, shape(alert.level), h("span", {}, levelWord(alert.level))),
      h("span", { class: "muted" }, moment(alert.since, serverNow())),
      address ? h("a", { href: `${address}?id=${encodeURIComponent(alert.id)}` }, pick(alert.sentence)) : h("span", {}, pick(alert.sentence)),
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
