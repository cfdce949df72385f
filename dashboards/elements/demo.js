// The simulated border's controls: how fast its clock runs, and jams made on it.

import { ask, get, onSubmit, post, told } from "../shared/api.js";
import { byId, fill, h } from "../shared/dom.js";
import { moment } from "../shared/format.js";
import { _ } from "../shared/words.js";

/**
 * @typedef {{ id: number, kind: string, gate: string, direction: string, begins: string, ends: string, state: string, ended_by: string | null }} Jam
 * @typedef {{ at: string, speed: number, jams: Jam[] }} Demo
 */

const SHOWN = 5;

const menu = document.getElementById("demo");
if (menu instanceof HTMLDetailsElement) {
  menu.addEventListener("toggle", () => {
    if (menu.open) get("/v1/demo").then(show, () => fill(byId("demo-jams"), h("li", {}, _("Nobody plays this border from here."))));
  });
  onSubmit(/** @type {HTMLFormElement} */ (byId("demo-speed")), async (values) => {
    show(await post("/v1/demo/speed", { speed: Number(values.get("speed")) }));
    return _("The clock runs so in a moment.");
  });
  onSubmit(/** @type {HTMLFormElement} */ (byId("demo-jam")), async (values) => {
    const [gate, direction] = String(values.get("place")).split("/");
    const demo = await post("/v1/demo/jams", { kind: values.get("kind"), gate, direction, hours: Number(values.get("hours")) });
    show(demo);
    return _("It begins at {at} by the border's clock.", { at: moment(demo.jams[0].begins, demo.at) });
  });
}

/** @param {Demo} demo */
function show(demo) {
  const speed = /** @type {HTMLSelectElement} */ (byId("demo-speed-value"));
  for (const option of speed.options) if (Number(option.value) === demo.speed) speed.value = option.value;
  fill(
    byId("demo-jams"),
    demo.jams.slice(0, SHOWN).map((jam) => h("li", {}, `${chosen("demo-kind", jam.kind)} · ${chosen("demo-place", `${jam.gate}/${jam.direction}`)} · ${when(jam, demo.at)} `, ending(jam))),
  );
}

/**
 * Return the button that ends a jam before its time, while it has one.
 * @param {Jam} jam
 */
function ending(jam) {
  if (jam.state === "over" || jam.ended_by) return null;
  const button = /** @type {HTMLButtonElement} */ (h("button", { type: "button", class: "button" }, _("End it now")));
  button.addEventListener("click", async () => {
    const answer = byId("demo-ended");
    button.disabled = true;
    try {
      show(await ask("DELETE", `/v1/demo/jams/${jam.id}`));
      fill(answer, h("p", { class: "notice" }, _("It ends in a moment; what has queued up is worked off.")));
      byId("demo-jams").focus();
    } catch (error) {
      fill(answer, told(error));
      button.disabled = false;
    }
  });
  return button;
}

/**
 * @param {Jam} jam
 * @param {string} now by the border's clock
 */
function when(jam, now) {
  const who = jam.ended_by?.split(":").pop();
  if (jam.state === "over") return who ? _("was ended by {name}", { name: who }) : _("is over");
  if (who) return _("ended by {name}, until {at}", { name: who, at: moment(jam.ends, now) });
  return jam.state === "coming" ? _("from {at}", { at: moment(jam.begins, now) }) : _("until {at}", { at: moment(jam.ends, now) });
}

/**
 * Return what a choice says to people.
 * @param {string} id
 * @param {string} value
 */
function chosen(id, value) {
  const select = /** @type {HTMLSelectElement} */ (byId(id));
  return [...select.options].find((option) => option.value === value)?.text ?? value;
}
