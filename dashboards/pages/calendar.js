// S12, the calendar: other hours on one day, and a side that opens or shuts, recorded with their reason.

import { stacked } from "../elements/stacked.js";
import { onSubmit, post } from "../shared/api.js";
import { byId } from "../shared/dom.js";
import { filled, known, newId, printOn } from "../shared/desk.js";
import { _ } from "../shared/words.js";

printOn("print");
for (const table of document.querySelectorAll("table.calendar")) stacked(table);

/**
 * Send a report, wait until live state knows it, and show its day.
 * @param {string} path
 * @param {Record<string, string>} report
 * @param {string} id
 */
async function send(path, report, id) {
  const receipts = await post(path, report, { headers: { "idempotency-key": id } });
  await known(receipts.rev);
  const day = report.date ?? new URLSearchParams(location.search).get("day");
  location.assign(`/calendar?gate=${encodeURIComponent(report.gate)}${day ? `&day=${day}` : ""}`);
}

const hours = /** @type {HTMLFormElement | null} */ (document.getElementById("hours"));
if (hours) {
  const opens = /** @type {HTMLInputElement} */ (byId("h-opens"));
  const closes = /** @type {HTMLInputElement} */ (byId("h-closes"));
  const check = () => opens.setCustomValidity(opens.value || closes.value ? "" : _("Say when it opens, when it closes, or both."));
  opens.addEventListener("input", check);
  closes.addEventListener("input", check);
  check();
  hours.addEventListener("reset", () => setTimeout(check));
  let sent = "";
  let id = newId();
  onSubmit(hours, (values) => {
    const report = filled(values);
    if (JSON.stringify(report) !== sent) id = newId(); // another report, not the same one tried again
    sent = JSON.stringify(report);
    return send("/v1/gates/hours", report, id);
  });
}

const state = /** @type {HTMLFormElement | null} */ (document.getElementById("state"));
if (state) {
  let sent = "";
  let id = newId();
  onSubmit(state, (values) => {
    const report = filled(values);
    if (report.until) report.until = `${report.until}:00${(state.dataset.offset ?? "+0700").replace(/(\d\d)$/, ":$1")}`;
    if (JSON.stringify(report) !== sent) id = newId();
    sent = JSON.stringify(report);
    return send("/v1/gates/state", report, id);
  });
}
