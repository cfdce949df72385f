// Reports that wait in the browser until the service has them: each with its own id and time, sent once, whatever happens
// to an answer. The id is the report's identity: sent twice it counts once.

import { post, Problem } from "./api.js";

/**
 * @typedef {object} Report
 * @property {string} id
 * @property {string} path
 * @property {Record<string, unknown>} body with `at`, when it was made
 * @property {string} text what it says, for people
 * @property {number} madeAt [ms since 1970]
 * @property {"waiting" | "sent" | "refused"} state
 * @property {string} [answer] why it was refused
 */

const KEPT = 30;
const AGAIN_MS = 15000;
/** Answers after which the same report may succeed later. */
const LATER = new Set([0, 401, 408, 429, 500, 502, 503, 504]);

/** @returns {string} an id that nobody else makes, also where the page is not on https */
function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Outbox {
  /**
   * @param {string} name of the place in the browser's storage; one for each account
   * @param {() => void} changed called when anything has changed
   */
  constructor(name, changed) {
    this.name = name;
    this.changed = changed;
    this.isSending = false;
    window.addEventListener("online", () => void this.send());
    window.addEventListener("storage", (event) => event.key === name && changed());
    setInterval(() => void this.send(), AGAIN_MS);
  }

  /** @returns {Report[]} newest first */
  all() {
    try {
      return JSON.parse(localStorage.getItem(this.name) ?? "[]");
    } catch {
      return [];
    }
  }

  get nWaiting() {
    return this.all().filter((report) => report.state === "waiting").length;
  }

  /** @param {Report[]} reports */
  keep(reports) {
    const waiting = reports.filter((report) => report.state !== "sent");
    const sent = reports.filter((report) => report.state === "sent").slice(0, KEPT);
    localStorage.setItem(this.name, JSON.stringify([...waiting, ...sent].sort((a, b) => b.madeAt - a.madeAt)));
    this.changed();
  }

  /**
   * Keep a report and send it as soon as that goes.
   * @param {string} path
   * @param {Record<string, unknown>} body
   * @param {string} text
   */
  async put(path, body, text) {
    this.keep([{ id: newId(), path, body, text, madeAt: Date.now(), state: "waiting" }, ...this.all()]);
    await this.send();
  }

  /** @param {string} id */
  forget(id) {
    this.keep(this.all().filter((report) => report.id !== id));
  }

  /** Send what waits, oldest first; one tab at a time where the browser can tell. */
  async send() {
    if (this.isSending) return;
    this.isSending = true;
    try {
      if (navigator.locks) await navigator.locks.request(this.name, () => this.sendAll());
      else await this.sendAll();
    } finally {
      this.isSending = false;
    }
  }

  async sendAll() {
    for (const report of this.all().filter((one) => one.state === "waiting").reverse()) {
      try {
        await post(report.path, report.body, { headers: { "idempotency-key": report.id } });
        this.settle(report.id, "sent");
      } catch (error) {
        if (!(error instanceof Problem) || LATER.has(error.status)) return;
        this.settle(report.id, "refused", [error.message, error.detail, ...error.reasons].filter((text) => text).join(" "));
      }
    }
  }

  /**
   * @param {string} id
   * @param {"sent" | "refused"} state
   * @param {string} [answer]
   */
  settle(id, state, answer) {
    this.keep(this.all().map((report) => (report.id === id ? { ...report, state, ...(answer ? { answer } : {}) } : report)));
  }
}
