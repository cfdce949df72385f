// S5, what if: alternatives set beside doing nothing. The form is kept in the browser, so that neither a reload nor a
// restart of the service loses it; a run is followed by its id, which stands in the address.

import { backlogFan, fanRows } from "../charts/backlog_fan.js";
import { settingsForm } from "../elements/settings_form.js";
import { announce, ask, get, post, told } from "../shared/api.js";
import { byId, fill, h, s } from "../shared/dom.js";
import { day, moment, NOT_KNOWN, number, percent } from "../shared/format.js";
import { _, language, pick } from "../shared/words.js";

/** @typedef {{ policy: string, settings: Record<string, any> }} Part */
/** @typedef {{ title: string, policies: Part[] }} Alternative */
/**
 * @typedef {object} Asked
 * @property {string} scenario
 * @property {Alternative[]} alternatives
 * @property {number} days
 * @property {number | null} warmup_days
 * @property {number} replications
 * @property {number} seed
 * @property {string} demand_response
 */
/** @typedef {{ place: string, key: string, text: string }} Fault */

const KEPT = "gatewatch-plan";
const MOST = 4;
const mayRun = document.querySelector(".plan")?.getAttribute("data-may-run") === "true";
const form = /** @type {HTMLFormElement} */ (byId("ask"));
const answer = /** @type {HTMLElement} */ (form.querySelector(".answer"));

/** @type {any} */
let known = null;
/** @type {any[]} */
let scenarios = [];
/** @type {Asked} */
let asked = kept();
/** @type {Fault[]} */
let faults = [];
/** @type {any} */
let shownRun = null;
/** @type {EventSource | null} */
let source = null;

/** @returns {Asked} */
function kept() {
  /** @type {Asked} */
  const first = {
    scenario: "", alternatives: [{ title: "", policies: [{ policy: "huu_nghi_two_hours_later", settings: {} }] }], days: 3, warmup_days: 1,
    replications: 20, seed: 1, demand_response: "fixed",
  };
  try {
    return { ...first, ...JSON.parse(localStorage.getItem(KEPT) || "{}") };
  } catch {
    return first;
  }
}

function keep() {
  try {
    localStorage.setItem(KEPT, JSON.stringify(asked));
  } catch {
    // A browser that keeps nothing loses the form with the page, and nothing else.
  }
}

// --- the form -------------------------------------------------------------------------------------

function drawForm() {
  if (!mayRun) {
    fill(byId("fields"), h("p", { class: "muted" }, _("Planners, coordinators and admins run comparisons; here you read what was run.")));
    return;
  }
  fill(
    byId("fields"),
    h("div", { class: "field" }, h("label", { for: "scenario" }, _("Begins from")), scenarioSelect(), scenarioNote()),
    asked.alternatives.map((alternative, n) => card(alternative, n)),
    h(
      "div",
      { class: "acts field" },
      asked.alternatives.length < MOST && button(_("One more alternative"), () => {
        asked.alternatives.push({ title: "", policies: [{ policy: "", settings: {} }] });
        change();
      }),
    ),
    h(
      "div",
      { class: "pair" },
      numberField("days", _("Days"), 1, 92, _("days that are measured")),
      numberField("replications", _("Repetitions"), 2, 500, _("more make the answer surer")),
    ),
    h(
      "details",
      { open: faults.some((fault) => ["warmup_days", "seed"].includes(fault.place)) },
      h("summary", {}, _("More about the comparison")),
      h("div", { class: "pair" }, numberField("warmup_days", _("Days before, left out"), 0, 31, ""), numberField("seed", _("Seed"), 0, 2 ** 53 - 1, "")),
      h("div", { class: "field" }, h("label", { for: "demand_response" }, _("When opening hours change, demand")), demandSelect()),
    ),
    h("button", { class: "button main" }, _("Compare")),
  );
}

function change() {
  keep();
  drawForm();
}

function scenarioSelect() {
  const element = /** @type {HTMLSelectElement} */ (
    h("select", { id: "scenario" }, scenarios.map((one) => h("option", { value: one.name, selected: one.name === asked.scenario }, pick(one.title))))
  );
  element.addEventListener("change", () => {
    asked.scenario = element.value;
    change();
  });
  return element;
}

function scenarioNote() {
  const found = scenarios.find((one) => one.name === asked.scenario);
  return found ? h("small", {}, _("from {day}", { day: day(`${found.start}T05:00:00Z`) })) : null;
}

function demandSelect() {
  const options = [
    ["fixed", _("stays as it is")],
    ["shifts", _("shifts into the new hours")],
    ["latent", _("grows with the open hours")],
  ];
  const element = /** @type {HTMLSelectElement} */ (
    h("select", { id: "demand_response" }, options.map(([key, text]) => h("option", { value: key, selected: key === asked.demand_response }, text)))
  );
  element.addEventListener("change", () => {
    asked.demand_response = element.value;
    keep();
  });
  return element;
}

/**
 * @param {"days" | "replications" | "warmup_days" | "seed"} key
 * @param {string} label
 * @param {number} min
 * @param {number} max
 * @param {string} about
 */
function numberField(key, label, min, max, about) {
  const own = faults.filter((fault) => fault.place === key);
  const element = /** @type {HTMLInputElement} */ (
    h("input", { id: key, type: "number", min, max, step: 1, value: asked[key] ?? null, "aria-invalid": own.length > 0 && "true" })
  );
  element.addEventListener("input", () => {
    // @ts-ignore: a missing number is told by the service at its field
    asked[key] = element.value === "" ? null : Number(element.value);
    keep();
  });
  return h(
    "div",
    { class: "field" },
    h("label", { for: key }, label),
    element,
    h("small", { class: own.length ? "wrong" : "", lang: own.length ? "en" : null }, own.length ? own.map((fault) => fault.text).join(" ") : about),
  );
}

/**
 * @param {Alternative} alternative
 * @param {number} n
 */
function card(alternative, n) {
  const title = /** @type {HTMLInputElement} */ (
    h("input", { id: `title-${n}`, value: alternative.title, maxlength: 100, placeholder: nameOf(alternative), autocomplete: "off" })
  );
  title.addEventListener("input", () => {
    alternative.title = title.value;
    keep();
  });
  return h(
    "fieldset",
    { class: "card" },
    h("legend", {}, _("Alternative {n}", { n: n + 1 })),
    alternative.policies.map((part, k) => policyFields(alternative, part, n, k)),
    h("details", { open: alternative.title !== "" }, h("summary", {}, _("Name of this alternative")),
      h("div", { class: "field" }, h("label", { class: "spoken", for: `title-${n}` }, _("Name of this alternative")), title)),
    h(
      "div",
      { class: "acts" },
      alternative.policies.length < 6 && button(_("And also …"), () => {
        alternative.policies.push({ policy: "", settings: {} });
        change();
      }),
      asked.alternatives.length > 1 && button(_("Remove alternative {n}", { n: n + 1 }), () => {
        asked.alternatives.splice(n, 1);
        faults = [];
        change();
      }),
    ),
  );
}

/** @param {Alternative} alternative */
function nameOf(alternative) {
  return alternative.policies.map((part) => policyTitle(part.policy)).filter((text) => text).join(" + ").slice(0, 100);
}

/** @param {string} name */
function policyTitle(name) {
  const found = known.ready.find((/** @type {any} */ one) => one.name === name) ?? known.kinds.find((/** @type {any} */ one) => one.name === name);
  return found ? pick(found.title) : "";
}

/**
 * @param {Alternative} alternative
 * @param {Part} part
 * @param {number} n
 * @param {number} k
 */
function policyFields(alternative, part, n, k) {
  const ready = known.ready.find((/** @type {any} */ one) => one.name === part.policy);
  const kind = known.kinds.find((/** @type {any} */ one) => one.name === (ready ? ready.kind : part.policy));
  const own = faults.filter((fault) => fault.place === `alternatives.${n}.policies.${k}` || fault.place.startsWith(`alternatives.${n}.policies.${k}.`));
  const fields = new Set(kind ? Object.keys(kind.schema.properties) : []);
  const loose = own.filter((fault) => !fields.has(fault.key));
  return h(
    "div",
    { class: "policy" },
    h("div", { class: "field" }, h("label", { for: `policy-${n}-${k}` }, k ? _("And also") : _("What is done")), policySelect(part, n, k),
      loose.length > 0 && h("small", { class: "wrong", lang: "en" }, loose.map((fault) => fault.text).join(" "))),
    ready?.conditions && pick(ready.conditions) && h("details", {}, h("summary", {}, _("Conditions")), h("p", { class: "small" }, pick(ready.conditions)),
      pick(ready.effect) && h("p", { class: "small" }, _("Reported: {text}", { text: pick(ready.effect) }))),
    kind &&
      settingsForm(kind, ready ? { ...ready.settings, ...part.settings } : part.settings, placesFor(kind), (key, value) => {
        if (value === undefined) delete part.settings[key];
        else part.settings[key] = value;
        keep();
      }, own),
    alternative.policies.length > 1 && button(_("Remove this"), () => {
      alternative.policies.splice(k, 1);
      faults = [];
      change();
    }),
  );
}

/**
 * Return what can be chosen for a kind: only one that reopens a gate is about gates that are shut for good.
 * @param {any} kind
 */
function placesFor(kind) {
  return kind.name === "reopen_gate" ? known : { ...known, gates: known.gates.filter((/** @type {any} */ gate) => !gate.is_dormant) };
}

/**
 * @param {Part} part
 * @param {number} n
 * @param {number} k
 */
function policySelect(part, n, k) {
  const option = (/** @type {any} */ one) => h("option", { value: one.name, selected: one.name === part.policy }, pick(one.title));
  const element = /** @type {HTMLSelectElement} */ (
    h(
      "select",
      { id: `policy-${n}-${k}` },
      h("option", { value: "" }, _("Choose …")),
      h("optgroup", { label: _("With own settings") }, known.kinds.map(option)),
      h("optgroup", { label: _("Ready policies") }, known.ready.map(option)),
    )
  );
  element.addEventListener("change", () => {
    part.policy = element.value;
    part.settings = {};
    faults = [];
    change();
    document.getElementById(`policy-${n}-${k}`)?.focus();
  });
  return element;
}

/**
 * @param {string} text
 * @param {() => void} act
 */
function button(text, act) {
  return h("button", { type: "button", class: "button", onclick: act }, text);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const send = /** @type {HTMLButtonElement | null} */ (form.querySelector("button.main"));
  if (!send || send.getAttribute("aria-disabled") === "true") return;
  faults = unchosen();
  if (faults.length) {
    told_at_fields();
    return;
  }
  send.setAttribute("aria-disabled", "true");
  try {
    const run = await post("/v1/runs", { kind: "comparison", request: asked });
    fill(answer);
    follow(run.id);
  } catch (error) {
    faults = ofReasons(/** @type {any} */ (error).reasons ?? []);
    if (faults.length) told_at_fields();
    else fill(answer, told(error));
  } finally {
    form.querySelector("button.main")?.removeAttribute("aria-disabled");
  }
});

/** @returns {Fault[]} */
function unchosen() {
  return asked.alternatives.flatMap((alternative, n) =>
    alternative.policies.flatMap((part, k) => (part.policy ? [] : [{ place: `alternatives.${n}.policies.${k}`, key: "", text: _("Choose what is done.") }])),
  );
}

/**
 * Return the mistakes that the service told, by their place in the request.
 * @param {string[]} reasons
 * @returns {Fault[]}
 */
function ofReasons(reasons) {
  return reasons.flatMap((reason) => {
    const found = /^request\.([\w.]+): (.*)$/.exec(reason);
    if (!found) return [];
    const setting = /^(alternatives\.\d+\.policies\.\d+)\.settings\.(\w+)/.exec(found[1]);
    return [{ place: setting ? setting[1] : found[1], key: setting ? setting[2] : "", text: found[2] }];
  });
}

function told_at_fields() {
  drawForm();
  const summary = h("p", {}, _("{n} things are not right yet; they are told at their fields.", { n: faults.length }));
  const general = faults.filter((fault) => fault.place === "");
  fill(answer, h("div", { class: "problem" }, summary, general.map((fault) => h("p", { class: "small", lang: "en" }, fault.text))));
  const first = /** @type {HTMLElement | null} */ (form.querySelector("[aria-invalid=true], .wrong"));
  first?.scrollIntoView({ block: "center" });
  if (first instanceof HTMLInputElement || first instanceof HTMLSelectElement) first.focus();
}

// --- a run ----------------------------------------------------------------------------------------

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
    if (run.progress.headline) fill(byId("found"), h("p", { class: "muted" }, _("So far; it still changes.")), headline(run.progress.headline, run));
    return;
  }
  if (run.state === "done") {
    const result = await get(`/v1/runs/${run.id}/result.json`);
    fill(byId("progress"));
    showResult(run, result);
    if (was && !was.ended_at) announce(_("The comparison is done."));
  } else {
    fill(byId("found"));
    faults = run.state === "refused" ? run.faults : [];
    fill(byId("progress"), ending(run));
    if (faults.length && mayRun && JSON.stringify(run.request.alternatives) === JSON.stringify(asked.alternatives)) told_at_fields();
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
    follow((await post("/v1/runs", { kind: run.kind, title: run.title, request: run.request })).id);
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

// --- what comes of it -----------------------------------------------------------------------------

/** @type {Record<string, string>} */
const SHAPES = {
  better: "M8 2 14 12H2z", worse: "M8 14 2 4h12z", more: "M8 2 14 12H2z", less: "M8 14 2 4h12z",
  same: "M2 5h12v2H2zM2 9h12v2H2z", undecided: "M8 2l6 6-6 6-6-6z", unknown: "M2 7h12v2H2z",
};

/** @param {any} row */
const inWords = (row) => row[language] ?? row.en;

/** @param {any} row */
function verdict(row) {
  return h(
    "span",
    { class: "verdict", "data-verdict": row.verdict },
    s("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, s("path", { d: SHAPES[row.verdict] ?? SHAPES.unknown, fill: "currentColor" })),
    inWords(row).verdict,
  );
}

/** @param {any} row */
function judged(row) {
  if (row.verdict !== "undecided" || row.more_replications === null) return verdict(row);
  return h("span", {}, verdict(row), h("br"), h("small", {}, _("about {n} more repetitions would tell", { n: number(row.more_replications) })));
}

/**
 * Return a change with its half width; a dash where nothing is known of it.
 * @param {any} row
 */
function changeOf(row) {
  return row.difference === null ? NOT_KNOWN : `${inWords(row).change} ${inWords(row).unit}`;
}

/**
 * @param {any} run
 * @param {number} n from 1
 * @param {any} [result]
 */
function alternativeTitle(run, n, result) {
  const title = run.request.alternatives[n - 1]?.title || (result ? pick(result.alternatives[n - 1].title) : nameOf(run.request.alternatives[n - 1]));
  return `${n} · ${title}`;
}

/**
 * Return the figures that are read first, alternative by alternative.
 * @param {any[]} rows
 * @param {any} run
 * @param {any} [result]
 */
function headline(rows, run, result) {
  return run.request.alternatives.map((/** @type {any} */ _unused, /** @type {number} */ at) => {
    const own = rows.filter((row) => row.scenario === at + 1);
    const moved = own.filter((row) => row.baseline !== row.value);
    return h(
      "section",
      { class: "alternative" },
      h("h3", {}, alternativeTitle(run, at + 1, result)),
      moved.length === 0 && h("p", {}, _("It changes nothing: every figure is exactly as when nothing is done.")),
      moved.length > 0 &&
        h(
          "div",
          { class: "scroll", tabindex: 0, role: "region", "aria-label": alternativeTitle(run, at + 1, result) },
          table(
            [_("Where"), _("Figure"), _("Do nothing"), _("With it"), _("Change ± 95 %"), _("Verdict")],
            moved.map((row) => {
              const said = inWords(row);
              return [said.place, said.figure, `${said.before} ${said.unit}`, `${said.after} ${said.unit}`, changeOf(row), judged(row)];
            }),
            [2, 3, 4],
          ),
        ),
    );
  });
}

/**
 * @param {string[]} head
 * @param {(string | Node)[][]} rows
 * @param {number[]} numbers columns of numbers
 */
function table(head, rows, numbers = []) {
  const of = (/** @type {number} */ n) => ({ class: numbers.includes(n) ? "number" : null });
  return h(
    "table",
    {},
    h("thead", {}, h("tr", {}, head.map((text, n) => h("th", { scope: "col", ...of(n) }, text)))),
    h("tbody", {}, rows.map((row) => h("tr", {}, row.map((cell, n) => (n ? h("td", of(n), cell) : h("th", { scope: "row" }, cell)))))),
  );
}

/**
 * @param {any} run
 * @param {any} result
 */
function showResult(run, result) {
  const manifest = result.manifest;
  fill(
    byId("found"),
    h(
      "p",
      {},
      _("{scenario}, {days} days from {first}, {n} repetitions: the same vehicles with and without each alternative.", {
        scenario: pick(result.scenario), days: number(manifest.days), first: day(`${manifest.start}T05:00:00Z`), n: number(manifest.replications),
      }),
    ),
    h("p", { class: "notice" }, _("Waits are a scenario and not calibrated: service times and servers are assumed until time stamps exist.")),
    acts(run),
    headline(result.headline, run, result),
    sentences(run, result),
    fans(run, result),
    binding(run, result),
    costs(run, result),
    h("p", { class: "small muted" }, _("Version {version}, seed {seed}, request {hash}. The same request gives the same bytes.", {
      version: manifest.gatewatch, seed: String(manifest.seed), hash: run.sha256.slice(0, 12),
    })),
  );
}

/** @param {any} run */
function acts(run) {
  const said = h("span", { role: "status", class: "muted" });
  const link = `${location.origin}/plan?run=${run.id}`;
  return h(
    "div",
    { class: "not-printed" },
    h(
      "div",
      { class: "acts field" },
      h("button", { type: "button", class: "button", onclick: () => window.print() }, _("Print")),
      h("a", { class: "button", href: `/v1/runs/${run.id}/report.html`, target: "_blank", rel: "noopener" }, _("Whole report")),
      h("a", { class: "button", href: `/v1/runs/${run.id}/table.csv`, download: "" }, "CSV"),
      h("a", { class: "button", href: `/v1/runs/${run.id}/table.parquet`, download: "" }, "Parquet"),
      h("button", { type: "button", class: "button", onclick: async () => {
        try {
          await navigator.clipboard.writeText(link);
          said.textContent = _("The link is copied.");
        } catch {
          said.textContent = link;
        }
      } }, _("Copy link")),
      said,
    ),
    mayRun && watchForm(run),
    mayRun && saveForm(run),
  );
}

/**
 * Return links that play a day of an alternative, or of doing nothing, at a gate.
 * @param {any} run
 */
function watchForm(run) {
  const gates = known?.gates.filter((/** @type {any} */ gate) => !gate.is_dormant) ?? [];
  if (!gates.length) return null;
  const gate = /** @type {HTMLSelectElement} */ (h("select", { id: "watch-gate" }, gates.map((/** @type {any} */ one) => h("option", { value: one.name, selected: one.name === "huu_nghi" }, pick(one.title)))));
  const which = /** @type {HTMLSelectElement} */ (
    h("select", { id: "watch-which" }, h("option", { value: 0 }, _("Do nothing")), run.request.alternatives.map((/** @type {any} */ _unused, /** @type {number} */ n) => h("option", { value: n + 1 }, alternativeTitle(run, n + 1))))
  );
  const open = () => location.assign(`/playback?of=${run.id}&alternative=${which.value}&gate=${gate.value}`);
  return h("details", { class: "field" }, h("summary", {}, _("Watch a day, vehicle by vehicle")),
    h("div", { class: "pair" },
      h("div", { class: "field" }, h("label", { for: "watch-gate" }, _("Where")), gate),
      h("div", { class: "field" }, h("label", { for: "watch-which" }, _("Alternative")), which)),
    button(_("Watch"), open));
}

/** @param {any} run */
function saveForm(run) {
  const title = /** @type {HTMLInputElement} */ (h("input", { id: "plan-title", maxlength: 100, required: true, autocomplete: "off" }));
  const said = h("span", { role: "status" });
  const save = h("form", { class: "field" }, h("label", { for: "plan-title" }, _("Save under a name")), h("div", { class: "with-unit" }, title, h("button", { class: "button" }, _("Save"))), said);
  save.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await post("/v1/plans", { title: title.value, kind: run.kind, request: run.request, run: run.id });
      said.textContent = _("Saved; the result is kept with it.");
      void drawSaved();
    } catch (error) {
      fill(said, told(error));
    }
  });
  return save;
}

/**
 * @param {any} run
 * @param {any} result
 */
function sentences(run, result) {
  return h(
    "details",
    {},
    h("summary", {}, _("In words")),
    run.request.alternatives.map((/** @type {any} */ _unused, /** @type {number} */ at) => {
      const rows = result.headline.filter((/** @type {any} */ row) => row.scenario === at + 1 && row.baseline !== row.value);
      return [
        h("h4", {}, alternativeTitle(run, at + 1, result)),
        h("ul", { class: "told" }, rows.map((/** @type {any} */ row) => h("li", {}, `${inWords(row).place}: ${inWords(row).sentence}`))),
      ];
    }),
  );
}

/**
 * @param {any} run
 * @param {any} result
 */
function fans(run, result) {
  const holder = h("div", {});
  const moved = result.hourly.filter((/** @type {any} */ place) => place.series.some((/** @type {any} */ one) => one.scenario && differs(one, place.series[0])));
  const places = moved.length ? moved : result.hourly;
  if (!places.length) return null;
  const choose = (/** @type {string} */ id, /** @type {[number, string][]} */ options) =>
    /** @type {HTMLSelectElement} */ (h("select", { id }, options.map(([value, text]) => h("option", { value }, text))));
  const inside = places.findIndex((/** @type {any} */ place) => place.gate && place.direction);
  const place = choose("fan-place", places.map((/** @type {any} */ one, /** @type {number} */ n) => [n, pick(one.place)]));
  place.value = String(Math.max(inside, 0));
  const which = choose("fan-which", result.alternatives.map((/** @type {any} */ _unused, /** @type {number} */ n) => [n + 1, alternativeTitle(run, n + 1, result)]));
  const draw = () => {
    const at = places[Number(place.value)];
    const series = [0, Number(which.value)].flatMap((scenario) => {
      const one = at.series.find((/** @type {any} */ other) => other.scenario === scenario);
      return one ? [{ label: scenario ? alternativeTitle(run, scenario, result) : _("Do nothing"), ...one }] : [];
    });
    const title = _("Vehicles inside by hour of the day, {place}: mean, and eight of ten days between.", { place: pick(at.place) });
    const rows = fanRows(series);
    fill(
      holder,
      h("figure", {}, h("figcaption", {}, title), backlogFan(series, title)),
      h("details", {}, h("summary", {}, _("As a table")), h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": title }, table(rows.head, rows.rows, [1, 2, 3, 4]))),
    );
  };
  place.addEventListener("change", draw);
  which.addEventListener("change", draw);
  draw();
  return h(
    "section",
    { class: "alternative" },
    h("h3", {}, _("Backlog by the hour")),
    h("div", { class: "pair not-printed" },
      h("div", { class: "field" }, h("label", { for: "fan-place" }, _("Where")), place),
      h("div", { class: "field" }, h("label", { for: "fan-which" }, _("Beside doing nothing")), which)),
    holder,
  );
}

/**
 * @param {any} one
 * @param {any} other
 */
function differs(one, other) {
  return one.mean.some((/** @type {number} */ value, /** @type {number} */ hour) => value !== other.mean[hour]);
}

/**
 * @param {any} run
 * @param {any} result
 */
function binding(run, result) {
  const gates = (/** @type {any} */ row) => result.alternatives[row.scenario - 1].gates.includes(row.gate);
  const rows = result.binding.filter((/** @type {any} */ row) => row.is_changed || gates(row));
  if (!rows.length) return null;
  const cause = (/** @type {any} */ said, /** @type {number | null} */ share) => (said ? `${pick(said)} (${percent(share)})` : "—");
  return h(
    "section",
    { class: "alternative" },
    h("h3", {}, _("What vehicles wait for most")),
    h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": _("What vehicles wait for most") },
      table(
        [_("Where"), _("Alternative"), _("Do nothing"), _("With it")],
        rows.map((/** @type {any} */ row) => [pick(row.place), alternativeTitle(run, row.scenario, result), cause(row.before, row.before_share), cause(row.after, row.after_share)]),
      )),
  );
}

/**
 * @param {any} run
 * @param {any} result
 */
function costs(run, result) {
  const rows = result.costs.filter((/** @type {any} */ row) => row.baseline !== null && row.value !== null && row.direction === null);
  if (!rows.length) return null;
  const bases = [...new Set(result.prices.map((/** @type {any} */ price) => price.basis))];
  /** @type {Record<string, string>} */
  const words = { reported: _("reported"), inferred: _("inferred"), assumed: _("assumed") };
  return h(
    "section",
    { class: "alternative" },
    h("h3", {}, _("Cost")),
    h("p", { class: "small muted" }, _("Prices are {bases}.", { bases: bases.map((basis) => words[basis] ?? basis).join(", ") })),
    h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": _("Cost") },
      table(
        [_("Alternative"), _("Cost"), _("Do nothing"), _("With it"), _("Change ± 95 %"), _("Verdict")],
        rows.map((/** @type {any} */ row) => {
          const said = inWords(row);
          return [alternativeTitle(run, row.scenario, result), said.figure, `${said.before} ${said.unit}`, `${said.after} ${said.unit}`, changeOf(row), judged(row)];
        }),
        [2, 3, 4],
      )),
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
const nameOrTitle = (alternative) => alternative.title || (known ? nameOf(alternative) : "") || "?";

/**
 * @param {string} text
 * @param {string | null} runId
 * @param {Asked} request
 */
function opener(text, runId, request) {
  return h("a", { href: runId ? `/plan?run=${runId}` : "/plan", onclick: (/** @type {Event} */ event) => {
    event.preventDefault();
    if (mayRun) {
      asked = structuredClone(request);
      faults = [];
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
    known = policies;
    scenarios = found.scenarios;
    if (!scenarios.some((one) => one.name === asked.scenario)) {
      asked.scenario = scenarios.some((one) => one.name === "peak") ? "peak" : scenarios[0]?.name ?? "";
    }
    drawForm();
  } catch (error) {
    fill(byId("fields"), told(error), button(_("Try again"), () => location.reload()));
  }
  void drawSaved();
  if (id && /^[0-9a-f]+$/.test(id)) follow(id);
  else fill(byId("found"), h("div", { class: "state" }, h("strong", {}, _("Nothing is compared yet.")), h("span", {}, _("Choose alternatives and compare: the first figures come within seconds."))));
}

void begin();
