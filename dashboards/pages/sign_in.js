// Sign-in.

import { onSubmit, signIn } from "../shared/api.js";
import { byId } from "../shared/dom.js";

const form = /** @type {HTMLFormElement} */ (byId("sign-in"));

onSubmit(form, async (values) => {
  await signIn(String(values.get("name")), String(values.get("password")));
  location.assign(form.dataset.next || "/");
});
