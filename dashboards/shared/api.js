// Requests to the API: the CSRF token goes with them, refusals are told in words, and a session that has ended
// is begun again in place, so that what was typed stays.

import { byId, fill, h } from "./dom.js";
import { _ } from "./words.js";

/** A request that was refused or lost; `message` is a sentence for people. */
export class Problem extends Error {
  /**
   * @param {number} status 0: the service was not reached
   * @param {string} message
   * @param {string} detail what the service said, in English
   * @param {string[]} reasons each mistake in a sentence
   */
  constructor(status, message, detail = "", reasons = []) {
    super(message);
    this.status = status;
    this.detail = detail;
    this.reasons = reasons;
  }
}

let csrf = document.documentElement.dataset.csrf || "";

/**
 * Return the JSON of an answer, null where there is none.
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body] sent as JSON; a FormData as it is
 * @param {{ headers?: Record<string, string>, signIn?: boolean, signal?: AbortSignal }} [options] `signIn: false` does not ask
 *   to sign in again
 * @returns {Promise<any>}
 * @throws {Problem}
 */
export async function ask(method, path, body, options = {}) {
  const response = await answered(method, path, body, options);
  if (response.status === 401 && options.signIn !== false && path !== "/v1/session") {
    await signInAgain();
    return ask(method, path, body, { ...options, signIn: false });
  }
  if (!response.ok) throw await problemOf(response);
  const text = await response.text();
  return text ? JSON.parse(text) : null;
}

/**
 * @param {string} path
 * @param {{ signal?: AbortSignal }} [options]
 */
export const get = (path, options) => ask("GET", path, undefined, options);

/**
 * @param {string} path
 * @param {unknown} [body]
 * @param {{ headers?: Record<string, string> }} [options]
 */
export const post = (path, body = {}, options) => ask("POST", path, body, options);

/**
 * @param {string} method
 * @param {string} path
 * @param {unknown} body
 * @param {{ headers?: Record<string, string>, signal?: AbortSignal }} options
 */
async function answered(method, path, body, options) {
  /** @type {Record<string, string>} */
  const headers = { accept: "application/json", ...options.headers };
  if (method !== "GET") headers["x-csrf-token"] = csrf;
  const isForm = body instanceof FormData;
  if (body !== undefined && !isForm) headers["content-type"] = "application/json";
  try {
    return await fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : isForm ? body : JSON.stringify(body),
      signal: options.signal,
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new Problem(0, _("The service cannot be reached. What you typed is still here; try again."));
  }
}

/**
 * @param {Response} response
 * @returns {Promise<Problem>}
 */
async function problemOf(response) {
  /** @type {{ detail?: string, reasons?: string[], items?: { reasons: string[] }[] }} */
  const said = await response.json().catch(() => ({}));
  const reasons = said.reasons ?? said.items?.flatMap((item) => item.reasons) ?? []; // receipts tell them by item
  return new Problem(response.status, meaning(response.status), said.detail || "", reasons);
}

/** @param {number} status */
function meaning(status) {
  /** @type {Record<number, string>} */
  const known = {
    401: _("Name or password is wrong, or the session has ended."),
    403: _("You may not do this. Ask an admin."),
    404: _("It is not there any more."),
    409: _("Somebody has changed it meanwhile, or it is there already."),
    413: _("It is too large."),
    422: _("Something in it is not right."),
    429: _("Too many tries. Wait a moment."),
    503: _("The service cannot keep it just now. Try again in a moment."),
  };
  return known[status] ?? _("Something is wrong with the service itself. Tell an admin.");
}

/**
 * Return a problem as an element.
 * @param {unknown} error
 * @returns {HTMLElement}
 */
export function told(error) {
  const problem = error instanceof Problem ? error : new Problem(-1, String(error));
  const small = [problem.detail, ...problem.reasons].filter((text) => text);
  return h(
    "div",
    { class: "problem" },
    h("p", {}, problem.message),
    small.map((text) => h("p", { class: "small", lang: "en" }, text)),
  );
}

/**
 * Let a form be sent by a function: its button waits, a refusal is told above it, what was typed stays.
 * @param {HTMLFormElement} form has an element `.answer`
 * @param {(values: FormData) => Promise<Node | string | void>} send returns what to say when it is done
 */
export function onSubmit(form, send) {
  const answer = /** @type {HTMLElement} */ (form.querySelector(".answer"));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = /** @type {HTMLButtonElement | null} */ (event.submitter || form.querySelector("button:not([type=button])"));
    if (button?.getAttribute("aria-disabled") === "true") return;
    button?.setAttribute("aria-disabled", "true");
    try {
      const done = await send(new FormData(form));
      fill(answer, done ? h("div", { class: "notice" }, done) : null);
    } catch (error) {
      fill(answer, told(error));
    } finally {
      button?.removeAttribute("aria-disabled");
    }
  });
}

/**
 * Begin a session.
 * @param {string} name
 * @param {string} password
 */
export async function signIn(name, password) {
  const session = await ask("POST", "/v1/session", { name, password }, { signIn: false });
  csrf = session.csrf_token;
  document.documentElement.dataset.csrf = csrf;
  window.dispatchEvent(new Event("gatewatch:signed-in"));
}

/** @type {Promise<void> | null} */
let asking = null;

/** Ask for name and password over the page; ends when the session has begun. */
export function signInAgain() {
  asking ??= new Promise((resolve) => {
    const name = /** @type {HTMLInputElement} */ (h("input", { id: "again-name", name: "name", autocomplete: "username", required: true }));
    const password = /** @type {HTMLInputElement} */ (
      h("input", { id: "again-password", name: "password", type: "password", autocomplete: "current-password", required: true })
    );
    const form = /** @type {HTMLFormElement} */ (
      h(
        "form",
        {},
        h("h2", { id: "again-title" }, _("Your session has ended")),
        h("p", {}, _("Sign in again; what you typed is still here.")),
        h("div", { class: "answer", role: "alert" }),
        h("div", { class: "field" }, h("label", { for: "again-name" }, _("Name")), name),
        h("div", { class: "field" }, h("label", { for: "again-password" }, _("Password")), password),
        h("button", { class: "button main" }, _("Sign in")),
      )
    );
    const dialog = /** @type {HTMLDialogElement} */ (h("dialog", { "aria-labelledby": "again-title" }, form));
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    onSubmit(form, async () => {
      await signIn(name.value, password.value);
      dialog.close();
      dialog.remove();
      asking = null;
      resolve();
    });
    document.body.append(dialog);
    dialog.showModal();
  });
  return asking;
}

/** End the session and go to sign in. */
export async function signOut() {
  await ask("DELETE", "/v1/session", undefined, { signIn: false }).catch(() => null);
  location.assign("/sign-in");
}

/**
 * Say something to who listens rather than looks.
 * @param {string} text
 * @param {boolean} [isUrgent]
 */
export function announce(text, isUrgent = false) {
  byId(isUrgent ? "spoken-now" : "spoken-politely").textContent = text;
}
