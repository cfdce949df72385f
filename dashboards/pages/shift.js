// S7, the shift log: begin, note, hand over. A note is added in place, so that a hand-over half written stays.

import { announce, onSubmit, post } from "../shared/api.js";
import { byId, h } from "../shared/dom.js";
import { clock } from "../shared/format.js";
import { _ } from "../shared/words.js";
import { newId, printOn } from "../shared/desk.js";

printOn("print");

const begin = /** @type {HTMLFormElement | null} */ (document.getElementById("begin"));
if (begin) {
  const id = newId();
  onSubmit(begin, async (values) => {
    await post("/v1/shifts", { gate: begin.dataset.gate || null, text: String(values.get("text") ?? ""), id });
    location.reload();
  });
}

const note = /** @type {HTMLFormElement | null} */ (document.getElementById("note"));
if (note) {
  let id = newId();
  onSubmit(note, async (values) => {
    const shift = await post(note.dataset.url ?? "", { text: String(values.get("text")), id });
    const added = shift.notes[shift.notes.length - 1];
    document.getElementById("no-notes")?.remove();
    byId("note-list").append(
      h("article", { class: "entry" },
        h("header", {}, h("strong", {}, added.who.split(":").pop()), " ", h("span", { class: "muted" }, clock(added.at))),
        h("p", { class: "words" }, added.text)),
    );
    note.reset();
    id = newId();
    announce(_("The note is in the log."));
  });
}

const sign = /** @type {HTMLFormElement | null} */ (document.getElementById("sign"));
if (sign) {
  const id = newId();
  onSubmit(sign, async (values) => {
    const shift = await post(sign.dataset.url ?? "", { text: String(values.get("text")), id });
    location.assign(`/shift?id=${shift.id}`);
  });
}
