// S8, the wall: reads the stream of its own, shows what is worst, drifts a little so that nothing burns in.

import { shownLevel, nationalWord, waitText } from "../elements/flow.js";
import { inOrder } from "../elements/alert_order.js";
import { levelMark, shape } from "../elements/level.js";
import { byId, dataOf, fill, h, say } from "../shared/dom.js";
import { age, directionWord, levelWord, moment, number, plusMinus } from "../shared/format.js";
import { listen, serverNow } from "../shared/stream.js";
import { _, language, languageOf, pick } from "../shared/words.js";

const DRIFT_EVERY_MS = 60000;
const DRIFT_PX = [[0, 0], [2, 0], [2, 2], [0, 2]];
const ORDER = ["critical", "congested", "busy", "unknown"];

/** @param {import("../elements/flow.js").Live} live */
function show(live) {
  const national = byId("national");
  if (national.dataset.colour !== (live.national_colour ?? "")) {
    national.dataset.colour = live.national_colour ?? "";
    fill(national, h("span", { class: "national", "data-colour": live.national_colour ?? "" }, h("i", {}), h("span", {}, `${_("National map")}: `, h("strong", {}, nationalWord(live.national_colour)))));
  }
  say(byId("present"), number(live.present.value));
  for (const flow of live.flows) {
    const element = /** @type {HTMLElement | null} */ (document.querySelector(`[data-flow="${CSS.escape(`${flow.gate}/${flow.direction}`)}"]`));
    if (!element) continue;
    const level = shownLevel(flow);
    if (element.dataset.level !== level) {
      element.dataset.level = level;
      fill(/** @type {Element} */ (element.querySelector(".wall-level")), levelMark(level));
    }
    element.dataset.quality = flow.backlog.quality ?? "";
    say(element.querySelector(".n"), number(flow.backlog.value));
    say(element.querySelector(".about"), `${plusMinus(flow.backlog.low, flow.backlog.high)} · ${flow.backlog.quality} · ${age(flow.backlog.age_s)}`);
    say(element.querySelector(".wall-wait"), flow.expected.is_today === false ? waitText(flow, live.at) : `${_("wait")} ${waitText(flow, live.at)}`);
  }
  say(byId("sentence"), sentence(live));
}

/** @param {import("../elements/flow.js").Live} live */
function sentence(live) {
  for (const level of ORDER) {
    const found = live.flows.filter((flow) => shownLevel(flow) === level);
    if (found.length) {
      const names = found.map((flow) => `${(language === "vi" && flow.title_vi) || flow.title} (${directionWord(flow.direction)})`);
      return `${levelWord(level)}: ${names.join(", ")}`;
    }
  }
  return _("Nothing out of the ordinary.");
}

/** @param {{ alerts: import("../elements/alert_order.js").Alert[] }} found */
function showAlerts(found) {
  const worst = inOrder(found.alerts).filter((alert) => alert.level === "critical");
  const root = byId("wall-alert");
  root.hidden = worst.length === 0;
  byId("wall").classList.toggle("has-alert", worst.length > 0);
  fill(
    root,
    worst.slice(0, 2).map((alert) =>
      h("div", {}, shape("critical"), h("strong", { lang: languageOf(alert.sentence) }, ` ${pick(alert.sentence)} `), h("small", {},
        `${moment(alert.since, serverNow())} · ${alert.acknowledged ? _("{who} has it", { who: alert.acknowledged.by.replace(/^account:/, "") }) : _("nobody has it")}`)),
    ),
    worst.length > 2 ? h("small", {}, _("{n} more", { n: worst.length - 2 })) : null,
  );
}

/** After the service was away it may be a newer one: take its page, once it answers. */
async function renew() {
  const text = await fetch("/wall").then((answer) => (answer.ok && !answer.redirected ? answer.text() : ""), () => "");
  const version = /\/static\/([0-9a-f]+)\//.exec(text)?.[1];
  if (version && !import.meta.url.includes(`/static/${version}/`)) location.reload();
}

let step = 0;
setInterval(() => {
  step = (step + 1) % DRIFT_PX.length;
  const [x, y] = DRIFT_PX[step] ?? [0, 0];
  byId("wall").style.translate = `${x}px ${y}px`;
}, DRIFT_EVERY_MS);

show(dataOf("live"));
listen("live", (live) => {
  show(live);
  byId("beat").classList.toggle("is-on"); // a camera that watches the wall can see that it lives
});
listen("alerts", showAlerts);
listen("frozen", (isFrozen) => {
  if (!isFrozen) void renew();
});
