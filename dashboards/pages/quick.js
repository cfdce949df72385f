// S4, the quick count: big steps, works without a network, every report is sent once.

import { get } from "../shared/api.js";
import { byId, dataOf, fill, h, say } from "../shared/dom.js";
import { age, band, clock, directionWord, number } from "../shared/format.js";
import { Outbox } from "../shared/outbox.js";
import { listen, serverNow } from "../shared/stream.js";
import { _ } from "../shared/words.js";

/** @typedef {{ id: string, title: string, directions: string[], yards: { id: string, title: string }[] }} GateChoice */

const OFFSET = "gatewatch-clock-offset"; // of the service's clock from ours: a phone's clock may be wrong
const JUST_NOW_MS = 2000; // a snapshot said before this page came tells nothing of now
const LAST = "gatewatch-quick-place";
/** @type {{ gates: GateChoice[], wanted: { gate: string, direction: string } }} */
const { gates, wanted } = dataOf("choices");
const account = document.querySelector(".top details.menu summary")?.textContent ?? "";
const input = /** @type {HTMLInputElement} */ (byId("number"));
const what = /** @type {HTMLSelectElement} */ (byId("what"));
const countForm = /** @type {HTMLFormElement} */ (byId("count"));
const laneForm = /** @type {HTMLFormElement} */ (byId("lane"));
/** @type {any} */
let live = null;

/** @type {{ gate?: string, direction?: string }} */
const before = JSON.parse(localStorage.getItem(LAST) ?? "{}");
let gate = gates.find((one) => one.id === wanted.gate) ?? gates.find((one) => one.id === before.gate) ?? gates[0];
let direction = wanted.direction || before.direction || "export";

const outbox = new Outbox(`gatewatch-outbox-${account}`, showQueue);

/** The service's time, by what it told last, also while it cannot be reached. */
function now() {
  return new Date(Date.now() + Number(localStorage.getItem(OFFSET) ?? 0));
}

/**
 * @param {HTMLElement} root
 * @param {string} name
 * @param {[string, string][]} options
 * @param {string | undefined} chosen
 * @param {(value: string) => void} choose
 */
function chips(root, name, options, chosen, choose) {
  fill(
    root,
    options.map(([value, title]) =>
      h("label", {}, h("input", { type: "radio", name, value, checked: value === chosen, onchange: () => choose(value) }), h("span", {}, title)),
    ),
  );
}

function showPlace() {
  if (!gate) return;
  if (!gate.directions.includes(direction)) direction = gate.directions[0] ?? "export";
  chips(byId("gates"), "gate", gates.map((one) => [one.id, one.title]), gate.id, (value) => {
    gate = gates.find((one) => one.id === value) ?? gate;
    showPlace();
  });
  chips(byId("directions"), "direction", gate.directions.map((one) => [one, directionWord(one)]), direction, (value) => {
    direction = value;
    showPlace();
  });
  const chosen = what.value;
  fill(what, h("option", { value: "" }, _("All vehicles inside, this direction")), gate.yards.map((yard) => h("option", { value: yard.id }, yard.title)));
  if (gate.yards.some((yard) => yard.id === chosen)) what.value = chosen;
  localStorage.setItem(LAST, JSON.stringify({ gate: gate.id, direction }));
  input.value = "";
  showShown();
  void lanes();
}

/** What the screens show now, to begin from; the number is not put in by itself, since it must be counted. */
function shownFigure() {
  const flow = live?.flows.find((/** @type {any} */ one) => one.gate === gate?.id && one.direction === direction);
  return what.value ? flow?.yards.find((/** @type {any} */ yard) => yard.yard === what.value)?.inside : flow?.backlog;
}

function showShown() {
  const figure = shownFigure();
  say(
    byId("shown"),
    figure && figure.value !== null
      ? _("The screens show {n} (between {band}).", { n: number(figure.value), band: band(figure.low, figure.high) })
      : _("The screens show nothing here: nobody has counted yet."),
  );
}

async function lanes() {
  const place = `${gate?.id}/${direction}`;
  const found = await get(`/v1/curves/${place}`).catch(() => null);
  if (found && place === `${gate?.id}/${direction}`) {
    fill(byId("lane-names"), found.lanes.map((/** @type {any} */ lane) => h("option", { value: lane.lane })));
  }
}

what.addEventListener("change", showShown);
for (const button of document.querySelectorAll("[data-step]")) {
  button.addEventListener("click", () => {
    const begin = input.value === "" ? Math.round(shownFigure()?.value ?? 0) : Number(input.value);
    input.value = String(Math.max(0, begin + Number(button.getAttribute("data-step"))));
    input.removeAttribute("aria-invalid");
  });
}

/**
 * @param {HTMLFormElement} form
 * @param {string} text
 * @param {boolean} [isWrong]
 */
function answer(form, text, isWrong = false) {
  fill(/** @type {HTMLElement} */ (form.querySelector(".answer")), h("div", { class: isWrong ? "problem" : "notice" }, text));
}

/** Say what became of a report just made. */
function outcome() {
  const [last] = outbox.all();
  if (last?.state === "sent") return _("Recorded at {at}.", { at: clock(now()) });
  if (last?.state === "refused") return `${_("Refused:")} ${last.answer ?? ""}`;
  return _("Kept on this device; it is sent when the service can be reached.");
}

countForm.noValidate = true;
countForm.addEventListener("submit", async (event) => {
  event.preventDefault();
  const value = Number(input.value);
  if (!gate || input.value.trim() === "" || !Number.isInteger(value) || value < 0) {
    input.setAttribute("aria-invalid", "true");
    input.focus();
    answer(countForm, _("Give the number of vehicles, in whole numbers; 0 when there is none."), true);
    return;
  }
  input.removeAttribute("aria-invalid");
  const about = what.value ? { what: "yard", yard: what.value } : { what: "backlog" };
  const title = `${gate.title}, ${directionWord(direction)}${what.value ? `, ${what.selectedOptions[0]?.textContent}` : ""}: ${number(value)} ${_("veh")}`;
  input.value = "";
  await outbox.put("/v1/hand-counts", { gate: gate.id, direction, ...about, value, at: now().toISOString() }, title);
  answer(countForm, outcome(), outbox.all()[0]?.state === "refused");
});

laneForm.noValidate = true;
laneForm.addEventListener("submit", async (event) => {
  event.preventDefault();
  const lane = /** @type {HTMLInputElement} */ (byId("lane-name"));
  const reason = /** @type {HTMLInputElement} */ (byId("reason"));
  const state = /** @type {HTMLButtonElement | null} */ (event.submitter)?.value ?? "open";
  if (!gate || !lane.value.trim()) {
    lane.setAttribute("aria-invalid", "true");
    lane.focus();
    answer(laneForm, _("Give the lane, as the gate names it."), true);
    return;
  }
  lane.removeAttribute("aria-invalid");
  const why = reason.value.trim();
  const title = `${gate.title}, ${_("lane {lane}", { lane: lane.value.trim() })}: ${state === "open" ? _("open") : _("closed")}`;
  const body = { gate: gate.id, direction, lane: lane.value.trim(), state, ...(why ? { reason: why } : {}), at: now().toISOString() };
  await outbox.put("/v1/lanes/state", body, title);
  answer(laneForm, outcome(), outbox.all()[0]?.state === "refused");
});

function showQueue() {
  const reports = outbox.all();
  const waiting = reports.filter((report) => report.state === "waiting").length;
  say(byId("waiting"), waiting ? _("{n} reports wait to be sent.", { n: waiting }) : "");
  fill(
    byId("queue"),
    reports.length === 0 ? h("li", { class: "muted" }, _("Nothing yet on this device.")) : null,
    reports.slice(0, 20).map((report) =>
      h(
        "li",
        { "data-state": report.state },
        h("span", {}, report.text),
        h("span", { class: "muted" }, ` · ${age((Date.now() - report.madeAt) / 1000)} · `),
        h("strong", {}, report.state === "sent" ? _("recorded") : report.state === "waiting" ? _("waits") : _("refused")),
        report.answer ? h("div", { class: "small" }, report.answer) : null,
        report.state === "refused" ? h("button", { class: "button", type: "button", onclick: () => outbox.forget(report.id) }, _("Take it off the list")) : null,
      ),
    ),
  );
}

/** Keep the page with all that it needs, so that it opens in the yard without a network. */
async function keepPage() {
  if (!("serviceWorker" in navigator)) return;
  const worker = new URL("./quick_service.js", import.meta.url);
  await navigator.serviceWorker.register(worker, { scope: "/quick" });
  const cache = await caches.open("gatewatch-quick");
  const files = performance
    .getEntriesByType("resource")
    .map((entry) => new URL(entry.name))
    .filter((url) => url.origin === location.origin && url.pathname.startsWith("/static/"))
    .map((url) => url.pathname);
  const wantedFiles = ["/quick", ...new Set(files)];
  await cache.addAll(wantedFiles);
  for (const request of await cache.keys()) {
    if (!wantedFiles.includes(new URL(request.url).pathname)) await cache.delete(request);
  }
  document.documentElement.dataset.kept = "yes";
}

if (localStorage.getItem(OFFSET) === null) localStorage.setItem(OFFSET, String(serverNow() - Date.now())); // just fetched
showPlace();
showQueue();
void outbox.send();
listen("live", (found) => {
  live = found;
  const at = Date.parse(found.at);
  if (Math.abs(serverNow() - at) < JUST_NOW_MS) localStorage.setItem(OFFSET, String(at - Date.now()));
  showShown();
});
if (document.readyState === "complete") void keepPage().catch(console.warn);
else window.addEventListener("load", () => void keepPage().catch(console.warn));
