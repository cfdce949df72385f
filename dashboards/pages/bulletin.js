// S7, the bulletin: print, and take in the authorities' file; every row that is not taken is told.

import { ask, onSubmit } from "../shared/api.js";
import { h } from "../shared/dom.js";
import { printOn } from "../shared/desk.js";
import { number } from "../shared/format.js";
import { _ } from "../shared/words.js";

printOn("print");

const form = /** @type {HTMLFormElement | null} */ (document.getElementById("upload-form"));
if (form) {
  onSubmit(form, async (values) => {
    if (!values.get("date")) values.delete("date");
    const upload = await ask("POST", "/v1/bulletins", values);
    const refused = /** @type {{ row: number, status: string, reasons: string[] }[]} */ (upload.rows).filter((row) => row.reasons.length);
    return h("div", {},
      h("p", {}, _("{n} figures taken in, {k} not.", { n: number(upload.n_accepted + upload.n_duplicate), k: number(upload.n_conflict + upload.n_rejected) }), " ",
        h("a", { href: location.href }, _("Show the day again"))),
      refused.length ? h("ul", {}, refused.slice(0, 20).map((row) => h("li", {}, _("Row {n}", { n: number(row.row) }), ": ", h("span", { lang: "en" }, row.reasons.join(" "))))) : null);
  });
}
