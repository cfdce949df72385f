// S5, what if: alternatives set beside doing nothing. A run is followed by its id, which stands in the address, also over a
// restart of the service.

import { skillSentence } from "../elements/skill.js";
import { announce, ask, get, post, told } from "../shared/api.js";
import { byId, fill, h } from "../shared/dom.js";
import { moment, number } from "../shared/format.js";
import { _ } from "../shared/words.js";
import { drawDecisions } from "./plan_decide.js";
import { answer, change, drawForm, onAsked, toldAtFields } from "./plan_form.js";
import { showForecast } from "./plan_from_now.js";
import { headline, showResult } from "./plan_result.js";
import { button, mayRun, nameOf, NOW, state } from "./plan_state.js";

/** @typedef {import("./plan_state.js").Alternative} Alternative */
/** @typedef {import("./plan_state.js").Asked} Asked */

/** @type {any} */
let shownRun = null;
/** @type {EventSource | null} */
let source = null;

/**
 * Follow a run until it is over, also over a restart of the service.
 * @param {string} id
 */
function follow(id) {
  history.replaceState(null, "", `/plan?run=${id}`);
  source?.close();
  fill(byId("found"));
  shownRun = null;
  const events = new EventSource(`/v1/runs/${id}/stream`);
  source = events;
  let isLost = false;
  events.addEventListener("run", (event) => {
    const run = JSON.parse(/** @type {MessageEvent} */ (event).data);
    isLost = false;
    if (run.ended_at) events.close();
    void show(run);
  });
  events.addEventListener("error", () => {
    if (events.readyState === EventSource.CLOSED && !shownRun?.ended_at) {
      get(`/v1/runs/${id}`).then(show, (error) => fill(byId("progress"), told(error)));
    } else if (!isLost && !shownRun?.ended_at) {
      isLost = true;
      byId("progress").prepend(h("div", { class: "notice" }, _("The connection is lost; trying again. The form is kept.")));
    }
  });
}

/** @param {any} run */
async function show(run) {
  const was = shownRun;
  shownRun = run;
  if (!run.ended_at) {
    showProgress(run);
    if (run.progress.headline && run.kind === "comparison") fill(byId("found"), h("p", { class: "muted" }, _("So far; it still changes.")), headline(run.progress.headline, run));
    return;
  }
  if (run.state === "done") {
    const result = await get(`/v1/runs/${run.id}/result.json`);
    fill(byId("progress"));
    if (run.kind === "forecast") showForecast(run, result, () => void again(run));
    else showResult(run, result, () => void drawSaved());
    if (was && !was.ended_at) announce(_("The comparison is done."));
  } else {
    fill(byId("found"));
    state.faults = run.state === "refused" ? run.faults : [];
    fill(byId("progress"), ending(run));
    if (state.faults.length && mayRun && JSON.stringify(run.request.alternatives) === JSON.stringify(state.asked.alternatives)) toldAtFields();
  }
  void drawSaved();
}

/** @param {any} run */
function ending(run) {
  /** @type {Record<string, string>} */
  const words = {
    refused: _("This cannot be compared as it stands."),
    failed: _("The comparison failed."),
    cancelled: _("The comparison was cancelled."),
    interrupted: _("The comparison was interrupted: the service was restarted meanwhile."),
  };
  return h(
    "div",
    { class: "problem", role: "alert" },
    h("p", {}, words[run.state] ?? run.state),
    run.state !== "interrupted" && run.reason && h("p", { class: "small", lang: "en" }, run.reason),
    mayRun && run.state !== "refused" && button(_("Compare again"), () => void again(run)),
  );
}

/** @param {any} run */
async function again(run) {
  try {
    const { alternatives, horizon_h } = run.request;
    const anew = run.kind === "forecast" ? post("/v1/forecasts", { alternatives, horizon_h }) : post("/v1/runs", { kind: run.kind, title: run.title, request: run.request });
    follow((await anew).id);
  } catch (error) {
    fill(byId("progress"), told(error));
  }
}

/** @param {any} run */
function showProgress(run) {
  const { phase, done = 0, total = 0 } = run.progress;
  /** @type {Record<string, string>} */
  const words = {
    checking: _("Checking what was asked …"),
    preparing: _("Preparing the engine; the first time this takes about a minute …"),
    running: _("{done} of {total} repetitions", { done: number(done), total: number(total) }),
    writing: _("Writing the result …"),
  };
  const text = words[phase] ?? _("Waiting for its turn …");
  const bar = byId("progress").querySelector("progress");
  if (bar) {
    bar.value = done;
    bar.max = Math.max(total, 1);
    const said = byId("progress").querySelector(".phase");
    if (said) said.textContent = text;
    byId("progress").querySelector(".notice")?.remove();
    return;
  }
  fill(
    byId("progress"),
    h(
      "div",
      { class: "running" },
      h("div", { class: "row" }, h("span", { class: "phase" }, text),
        mayRun && h("span", { class: "end" }, button(_("Cancel"), () => void ask("DELETE", `/v1/runs/${run.id}`).catch((error) => fill(byId("progress"), told(error)))))),
      h("progress", { value: done, max: Math.max(total, 1), "aria-label": _("How far the comparison is") }),
    ),
  );
}

// --- saved and recent -----------------------------------------------------------------------------

async function drawSaved() {
  const holder = byId("saved");
  try {
    const [{ plans }, { runs }] = await Promise.all([get("/v1/plans"), get("/v1/runs?kind=comparison&limit=10")]);
    const now = new Date();
    if (!plans.length && !runs.length) {
      fill(holder, h("div", { class: "state" }, h("strong", {}, _("Nothing was compared yet."))));
      return;
    }
    fill(
      holder,
      plans.length > 0 && h("h3", {}, _("Saved")),
      h("ul", { class: "list" }, plans.map((/** @type {any} */ plan) => h("li", {}, opener(plan.title, plan.run, plan.request),
        h("span", { class: "small muted" }, moment(plan.saved_at, now)),
        !plan.is_same_version && h("span", { class: "small muted" }, _("made by version {version}", { version: plan.version })),
        mayRun && h("span", { class: "end" }, h("button", { type: "button", class: "link-button", "aria-label": _("Remove {title}", { title: plan.title }), onclick: async () => {
          await ask("DELETE", `/v1/plans/${plan.id}`).catch((error) => fill(answer, told(error)));
          void drawSaved();
        } }, _("Remove")))))),
      runs.length > 0 && h("h3", {}, _("Recent")),
      h("ul", { class: "list" }, runs.map((/** @type {any} */ run) => h("li", {}, opener(run.request.alternatives.map(nameOrTitle).join(" / "), run.id, run.request),
        h("span", { class: "small muted" }, `${moment(run.asked_at, now)} · ${stateWord(run.state)}`)))),
    );
  } catch (error) {
    fill(holder, told(error));
  }
}

/** @param {Alternative} alternative */
const nameOrTitle = (alternative) => alternative.title || (state.known ? nameOf(alternative) : "") || "?";

/**
 * @param {string} text
 * @param {string | null} runId
 * @param {Asked} request
 */
function opener(text, runId, request) {
  return h("a", { href: runId ? `/plan?run=${runId}` : "/plan", onclick: (/** @type {Event} */ event) => {
    event.preventDefault();
    if (mayRun) {
      state.asked = { ...structuredClone(request), horizon_h: state.asked.horizon_h };
      state.faults = [];
      change();
    }
    if (runId) follow(runId);
  } }, text);
}

/** @param {string} state */
function stateWord(state) {
  /** @type {Record<string, string>} */
  const words = {
    waiting: _("waits"), running: _("runs"), done: _("done"), refused: _("refused"), failed: _("failed"),
    cancelled: _("cancelled"), interrupted: _("interrupted"),
  };
  return words[state] ?? state;
}

// --- begin ----------------------------------------------------------------------------------------

async function begin() {
  const id = new URLSearchParams(location.search).get("run");
  try {
    const [policies, found] = await Promise.all([get("/v1/policies"), get("/v1/scenarios")]);
    state.known = policies;
    state.scenarios = found.scenarios;
    if (state.asked.scenario !== NOW && !state.scenarios.some((one) => one.name === state.asked.scenario)) {
      state.asked.scenario = state.scenarios.some((one) => one.name === "peak") ? "peak" : state.scenarios[0]?.name ?? "";
    }
    drawForm();
  } catch (error) {
    fill(byId("fields"), told(error), button(_("Try again"), () => location.reload()));
  }
  void drawSaved();
  if (id && /^[0-9a-f]+$/.test(id)) follow(id);
  else fill(byId("found"), h("div", { class: "state" }, h("strong", {}, _("Nothing is compared yet.")), h("span", {}, _("Choose alternatives and compare: the first figures come within seconds."))));
}

/** Say how good forecasts were, where they are made. */
async function tellSkill() {
  const days = 30;
  const { skill } = await get(`/v1/forecasts/skill?days=${days}`);
  fill(byId("skill"), `${skillSentence(skill, days)} `, h("a", { href: "/plan/accuracy" }, _("Accuracy of the forecasts")));
}

void tellSkill().catch(() => fill(byId("skill"), h("a", { href: "/plan/accuracy" }, _("Accuracy of the forecasts"))));
onAsked(follow);
void begin().then(drawDecisions).catch((error) => console.warn(error)); // what was decided comes with the first forecast too
