// S13, administration: accounts, keys, backups, jobs, audit. A secret is shown once, beside a button that copies it.

import { stacked } from "../elements/stacked.js";
import { announce, ask, get, onSubmit, post, told } from "../shared/api.js";
import { byId, dataOf, fill, h } from "../shared/dom.js";
import { age, duration, moment, NOT_KNOWN, number } from "../shared/format.js";
import { serverNow } from "../shared/stream.js";
import { _ } from "../shared/words.js";

const AUDIT_PAGE = 50;
const LOOK_MS = 15000;
/** @type {Record<string, string>} */
const gates = dataOf("gates");

/** @param {string} role */
function roleWord(role) {
  /** @type {Record<string, string>} */
  const known = { viewer: _("viewer"), operator: _("operator"), coordinator: _("coordinator"), planner: _("planner"), admin: _("admin"), device: _("device"), notifier: _("notifier"), wall: _("wall") };
  return known[role] ?? role;
}

for (const table of document.querySelectorAll(".teams")) stacked(table);

/** @param {string[] | null} found */
const gateNames = (found) => (found === null ? _("every gate") : found.map((gate) => gates[gate] ?? gate).join(", "));

/** @param {string | null} at */
const when = (at) => (at === null ? NOT_KNOWN : moment(at, serverNow()));

/**
 * Fill a place with what a request gives, or say why not.
 * @param {string} id
 * @param {() => Promise<Node>} make
 */
async function into(id, make) {
  try {
    fill(byId(id), await make());
  } catch (error) {
    fill(byId(id), told(error));
  }
}

/**
 * @param {string} label
 * @param {string[]} heads
 * @param {(Node | null)[]} rows
 * @param {string} nothing
 */
function table(label, heads, rows, nothing) {
  if (!rows.length) return h("div", { class: "state" }, h("strong", {}, nothing));
  return h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": label },
    stacked(h("table", {}, h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head || h("span", { class: "spoken" }, _("Actions")))))), h("tbody", {}, rows))));
}

/**
 * Show a secret once.
 * @param {string} place
 * @param {string} title
 * @param {string} secret
 */
function reveal(place, title, secret) {
  const copied = h("span", { class: "muted" });
  const box = h("div", { class: "notice" },
    h("p", { class: "strong" }, title),
    h("p", { class: "row" }, h("code", { class: "secret" }, secret),
      h("button", { type: "button", class: "button", onclick: () => void navigator.clipboard?.writeText(secret).then(() => (copied.textContent = _("Copied."))) }, _("Copy")), copied,
      h("button", { type: "button", class: "button", onclick: () => fill(byId(place), null) }, _("Hide"))),
    h("p", { class: "small" }, _("It is shown this once. Whoever has it can come in with it.")));
  fill(byId(place), box);
  box.scrollIntoView({ block: "nearest" });
}

/** @param {HTMLFormElement} form */
function chosenGates(form) {
  const found = new FormData(form).getAll("gates").map(String);
  return found.length ? found : null;
}

/**
 * A button that does it at the second tap; what fails is told beside it.
 * @param {string} word
 * @param {string} sure
 * @param {() => Promise<unknown>} act
 */
function twoTaps(word, sure, act) {
  const button = h("button", { type: "button", class: "button" }, word);
  let isArmed = false;
  const disarm = () => {
    isArmed = false;
    button.textContent = word;
  };
  button.addEventListener("blur", disarm);
  button.addEventListener("click", async () => {
    if (!isArmed) {
      isArmed = true;
      button.textContent = sure;
      return;
    }
    disarm();
    await act().catch((error) => button.after(told(error)));
  });
  return button;
}

// users

const users = () => into("user-list", async () => {
  const { users: found } = await get("/v1/users");
  return table(_("Users"), [_("Account name"), _("Role"), _("Gates"), _("State"), ""], found.map((/** @type {any} */ user) => h("tr", {},
    h("th", { scope: "row" }, user.name), h("td", {}, roleWord(user.role)), h("td", {}, gateNames(user.gates)),
    h("td", {}, user.is_disabled ? _("may not sign in") : _("may sign in")),
    h("td", {}, h("div", { class: "row" },
      twoTaps(user.is_disabled ? _("Allow again") : _("Lock"), user.is_disabled ? _("Tap again to allow") : _("Tap again to lock"), async () => {
        await ask("PATCH", `/v1/users/${encodeURIComponent(user.name)}`, { is_disabled: !user.is_disabled });
        announce(_("Done."));
        await users();
      }),
      twoTaps(_("New password"), _("Tap again for a new password"), async () => {
        const password = newPassword();
        await ask("PATCH", `/v1/users/${encodeURIComponent(user.name)}`, { password });
        reveal("user-secret", _("New password of {name}", { name: user.name }), password);
        await users();
      }))))), _("There is nobody yet"));
});

/** Return a password of 20 letters and digits that are not easily mistaken. */
function newPassword() {
  const letters = "abcdefghjkmnpqrstuvwxyz23456789";
  let text = "";
  while (text.length < 20) {
    for (const byte of crypto.getRandomValues(new Uint8Array(32))) {
      if (byte < letters.length * 8 && text.length < 20) text += letters[byte % letters.length]; // no letter comes more often
    }
  }
  return text.replace(/(.{5})(?=.)/g, "$1-");
}

const newUser = /** @type {HTMLFormElement} */ (byId("new-user"));
onSubmit(newUser, async (values) => {
  const made = await post("/v1/users", { name: String(values.get("name")).trim(), role: values.get("role"), gates: chosenGates(newUser) });
  reveal("user-secret", _("Password of {name}", { name: made.name }), made.password);
  newUser.reset();
  await users();
});

// keys

const keys = () => into("key-list", async () => {
  const { keys: found } = await get("/v1/keys");
  const now = serverNow();
  const isEnded = (/** @type {any} */ key) => key.ends_at !== null && Date.parse(key.ends_at) <= now;
  found.sort((/** @type {any} */ a, /** @type {any} */ b) => Number(isEnded(a)) - Number(isEnded(b)));
  return table(_("Keys"), [_("Beginning"), _("What it is for"), _("Role"), _("Reaches"), _("Made"), _("Ends"), ""], found.map((/** @type {any} */ key) => h("tr", {},
    h("th", { scope: "row" }, h("code", {}, key.id)), h("td", {}, key.title), h("td", {}, roleWord(key.role)),
    h("td", {}, gateNames(key.gates), key.sources ? h("span", { class: "muted small block" }, key.sources.join(", ")) : null),
    h("td", {}, when(key.created_at)), h("td", {}, isEnded(key) ? _("no longer since {at}", { at: when(key.ends_at) }) : key.ends_at ? when(key.ends_at) : _("no end")),
    h("td", {}, isEnded(key) ? null : h("div", { class: "row" },
      twoTaps(_("Replace"), _("Tap again to replace"), async () => {
        const made = await post(`/v1/keys/${encodeURIComponent(key.id)}/rotate`, { overlap_hours: 24 });
        reveal("key-secret", _("New key for {title}; the old one opens for 24 h more", { title: made.title }), made.key);
        await keys();
      }),
      twoTaps(_("End"), _("Tap again to end"), async () => {
        await ask("DELETE", `/v1/keys/${encodeURIComponent(key.id)}`);
        announce(_("Done."));
        await keys();
      }))))), _("No key was made yet"));
});

const newKey = /** @type {HTMLFormElement} */ (byId("new-key"));
onSubmit(newKey, async (values) => {
  const sources = values.getAll("sources").map(String);
  const ends = String(values.get("ends") ?? "");
  const made = await post("/v1/keys", {
    title: String(values.get("title")).trim(), role: values.get("role"), gates: chosenGates(newKey),
    sources: sources.length ? sources : null, ends_at: ends ? `${ends}T23:59:59+07:00` : null,
  });
  reveal("key-secret", _("Key for {title}", { title: made.title }), made.key);
  newKey.reset();
  await keys();
});

// backups, jobs

/** @param {number} bytes */
const size = (bytes) => (bytes < 1e9 ? `${number(bytes / 1e6, 1)} MB` : `${number(bytes / 1e9, 1)} GB`);

const backups = () => into("backup-list", async () => {
  const found = await get("/v1/backups");
  const now = serverNow();
  const trial = found.last_trial;
  const verdict = trial
    ? h("p", { class: "notice" }, h("strong", {}, _("Last restored for a trial: {at}, {age}", { at: when(trial.at), age: age((now - Date.parse(trial.at)) / 1000) })), " ",
        h("span", {}, `${trial.file}, ${_("{n} entries", { n: number(trial.n_entries) })}, ${trial.is_rebuilt ? _("every figure made anew from it, the same") : _("every page read")}`))
    : h("p", { class: "problem" }, _("No backup has been restored for a trial yet: nobody knows whether one serves."));
  return h("div", {}, verdict, h("p", { class: "muted" }, _("{size} free on their disk", { size: size(found.free_bytes) })),
    table(_("Backups"), [_("File"), _("Made"), _("Size")], found.backups.slice(0, 10).map((/** @type {any} */ one) => h("tr", {},
      h("th", { scope: "row" }, h("code", {}, one.file)), h("td", {}, when(one.made_at)), h("td", {}, size(one.bytes)))), _("No backup was made yet")));
});

const jobs = () => into("job-list", async () => {
  const { jobs: found } = await get("/v1/jobs");
  return table(_("Jobs"), [_("Job"), _("Last"), _("Took"), _("Next"), _("Outcome")], found.map((/** @type {any} */ job) => h("tr", {},
    h("th", { scope: "row" }, job.name), h("td", {}, when(job.last_at)), h("td", {}, job.last_s === null ? NOT_KNOWN : job.last_s < 60 ? `${number(job.last_s, 1)} ${_("s")}` : duration(job.last_s)),
    h("td", {}, when(job.next_at)),
    h("td", {}, job.failure ? h("span", { class: "strong" }, `${_("failed")}: `, h("span", { lang: "en" }, job.failure)) : job.n_runs ? _("done") : _("not done since the start")))), _("No jobs run in this process"));
});

// audit: the newest first, read backwards in pages

let earliest = 0;

/** @param {boolean} isFirst */
async function audit(isFirst) {
  const last = isFirst ? (await get("/v1/audit/check")).n : earliest - 1;
  const first = Math.max(1, last - AUDIT_PAGE + 1);
  const { rows } = await get(`/v1/audit?after=${first - 1}&limit=${last - first + 1 || 1}`);
  earliest = first;
  byId("more").hidden = first <= 1;
  return rows.reverse().map((/** @type {any} */ row) => h("tr", {},
    h("td", { class: "number" }, String(row.number)), h("td", {}, when(row.at)), h("td", {}, row.who.replace(/^account:/, "")), h("td", {}, h("code", {}, row.action)),
    h("td", {}, row.subject, h("span", { class: "muted small block" }, JSON.stringify(row.detail).slice(0, 200))), h("td", {}, row.address || NOT_KNOWN)));
}

void into("audit-list", async () => table(_("Audit"), [_("Number"), _("When"), _("Who"), _("Did"), _("To what"), _("From")], await audit(true), _("Nothing was done yet")));
byId("more").addEventListener("click", async () => {
  try {
    byId("audit-list").querySelector("tbody")?.append(...(await audit(false)));
    stacked(/** @type {Element} */ (byId("audit-list").querySelector("table")));
  } catch (error) {
    byId("more").after(told(error));
  }
});
byId("check").addEventListener("click", () => into("chain", async () => {
  const chain = await get("/v1/audit/check");
  return chain.is_whole
    ? h("p", { class: "notice" }, _("The chain is whole: {n} rows, none changed and none taken out. Head {head}", { n: number(chain.n), head: chain.head.slice(0, 16) }))
    : h("p", { class: "problem" }, _("The chain is broken at row {n}: it or one before it was changed. Keep the disk as it is and compare with a backup.", { n: number(chain.broken_at) }));
}));

void users();
void keys();
void backups();
void jobs();
setInterval(() => {
  if (document.hidden) return;
  void backups();
  void jobs();
}, LOOK_MS);
