// What nobody has taken on, told on every page: how many, the most urgent one by name while it is critical, and its two tones.

import { announce, post, told } from "../shared/api.js";
import { fill, h, say } from "../shared/dom.js";
import { clock, levelWord, number } from "../shared/format.js";
import { isOurTurn, mute, mutedUntil } from "../shared/muting.js";
import { listen } from "../shared/stream.js";
import { isBlocked, playTones, unblock } from "../shared/tones.js";
import { _, languageOf, pick } from "../shared/words.js";
import { ACKNOWLEDGED_MIN, degreeWord, inOrder } from "./alert_order.js";
import { shape } from "./level.js";

/** @typedef {import("./alert_order.js").Alert} Alert */

const SOUNDS_EVERY_MS = 3000;
const URGENT_EVERY_MS = 10000;

const banner = document.getElementById("urgent");
const count = document.getElementById("alarm-count");
const mayTake = banner?.dataset.may === "yes";
const isListed = document.querySelector("#alerts, #active") !== null; // the page tells and takes alarms itself
/** @type {Alert[]} critical and nobody's, the worst first */
let urgent = [];

const name = h("a", { href: "/alarms" });
const answer = h("div", { role: "alert" });
const sound = h("span", { class: "small muted" });
const takes = h("button", { type: "button", class: "button main", id: "urgent-take", onclick: () => void take() }, _("Take on"));
const mutes = h("button", { type: "button", class: "button", id: "urgent-mute", onclick: () => void toggleMute() });
if (banner) {
  banner.classList.toggle("is-listed", isListed);
  fill(banner, h("span", { class: "level", "data-level": "critical" }, shape("critical"), h("span", {}, levelWord("critical"))),
    isListed ? h("span", { class: "strong" }, _("nobody has it")) : name, mayTake && sound, mayTake && mutes, mayTake && !isListed && takes, answer);
}

/** @param {{ alerts: Alert[] }} found */
function show(found) {
  const open = inOrder(found.alerts).filter((alert) => !alert.acknowledged && alert.rule !== "watchdog");
  urgent = open.filter((alert) => alert.level === "critical");
  if (count) {
    count.hidden = !open.length;
    if (open.length) {
      const level = open[0].level;
      if (count.dataset.level !== level) fill(count, shape(level), h("span", {}));
      count.dataset.level = level;
      say(count.lastElementChild, number(open.length));
      count.setAttribute("aria-label", _("{n} alarms that nobody has, the worst: {level}", { n: number(open.length), level: degreeWord(open[0], level) }));
    }
  }
  if (banner) {
    banner.hidden = !urgent.length || (isListed && !mayTake);
    document.documentElement.classList.toggle("has-urgent", !banner.hidden);
    if (urgent.length) {
      const [worst] = urgent;
      const more = urgent.length > 1 ? ` ${_("and {n} more", { n: number(urgent.length - 1) })}` : "";
      fill(name, h("span", { lang: languageOf(worst.sentence) }, pick(worst.sentence)), more);
      name.setAttribute("href", `/alarms#${encodeURIComponent(worst.id)}`);
    } else {
      fill(answer);
    }
  }
  speak(open);
  beat();
}

async function take() {
  const [worst] = urgent;
  if (!worst) return;
  try {
    await post(`/v1/alerts/${encodeURIComponent(worst.id)}/acknowledge`, { minutes: ACKNOWLEDGED_MIN, note: "" });
    fill(answer);
    announce(_("You have it for an hour."));
  } catch (error) {
    fill(answer, told(error));
  }
}

// The sound. It needs somebody who may take alarms on: who cannot end it need not hear it.

const ids = () => urgent.map((alert) => alert.id);

async function toggleMute() {
  if (isBlocked()) await unblock();
  else mute(mutedUntil(ids()) ? [] : ids());
  tellSound();
}

function tellSound() {
  const until = mutedUntil(ids());
  if (until) {
    say(sound, _("Sound off until {at}", { at: clock(until) }));
    say(mutes, _("Sound on"));
  } else if (isBlocked()) {
    say(sound, _("The browser stays silent until you touch the page"));
    say(mutes, _("Let it sound"));
  } else {
    say(sound, "");
    say(mutes, _("Sound off for 5 minutes"));
  }
}

function beat() {
  if (!mayTake || !urgent.length) return;
  tellSound();
  if (!isBlocked() && !mutedUntil(ids()) && performance.now() - soundedAt >= SOUNDS_EVERY_MS && isOurTurn()) {
    soundedAt = performance.now();
    playTones();
  }
}

let soundedAt = -SOUNDS_EVERY_MS;

// Who listens hears each alarm once: what is critical at once but not more than one in ten seconds, the others politely.

/** @type {Set<string>} */
const spoken = new Set();
/** @type {string[]} */
const waiting = [];
let isFirst = true;
let urgentAt = -URGENT_EVERY_MS;

/** @param {Alert[]} open */
function speak(open) {
  for (const alert of open) {
    if (spoken.has(alert.id + alert.level)) continue;
    spoken.add(alert.id + alert.level);
    if (isFirst) continue;
    const text = `${degreeWord(alert, alert.level)}: ${pick(alert.sentence)}`;
    if (alert.level === "critical") waiting.push(text);
    else announce(text);
  }
  isFirst = false;
  sayWaiting();
}

function sayWaiting() {
  if (!waiting.length || performance.now() - urgentAt < URGENT_EVERY_MS) return;
  urgentAt = performance.now();
  const last = waiting[waiting.length - 1];
  announce(waiting.length > 1 ? _("{n} critical alarms; the last: {text}", { n: number(waiting.length), text: last }) : last, true);
  waiting.length = 0;
}

if (count) {
  listen("alerts", show);
  setInterval(() => {
    sayWaiting();
    beat();
  }, 1000);
  if (mayTake) for (const kind of ["pointerdown", "keydown"]) window.addEventListener(kind, () => urgent.length && isBlocked() && void unblock().then(tellSound), { passive: true });
}
