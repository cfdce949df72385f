// Live state on the page: listeners hear each snapshot; a page that hears nothing for ten seconds looks frozen.

import { announce, signInAgain } from "./api.js";
import { byId } from "./dom.js";
import { clock, clockWithSeconds } from "./format.js";
import { openStream } from "./stream_source.js";
import { _ } from "./words.js";

const FROZEN_AFTER_MS = 10000;
const OLD_AFTER_MS = 45000; // beats go on, but no snapshot comes: the service stands still
const BACK_MS = 2000;
const CHECKED_EVERY_MS = 500;
const ALIVE_EVERY_MS = 20000;

const root = document.documentElement;
/** @type {Map<string, Set<(data: any) => void>>} */
const listeners = new Map();
/** @type {Map<string, any>} */
const latest = new Map();
let heardAt = performance.now();
let liveAt = performance.now();
let shownAt = Date.parse(root.dataset.now || "") || Date.now();
let isFrozen = false;

/**
 * Hear what the stream sends; called at once with what was sent last.
 * @param {"live" | "alerts" | "frozen"} kind `frozen` tells true and false
 * @param {(data: any) => void} listener
 * @returns {() => void} ends it
 */
export function listen(kind, listener) {
  const found = listeners.get(kind) ?? new Set();
  listeners.set(kind, found.add(listener));
  if (latest.has(kind)) listener(latest.get(kind));
  return () => found.delete(listener);
}

/**
 * Return the service's time now, by its last word and our own clock since [ms since 1970].
 * @returns {number}
 */
export function serverNow() {
  return shownAt + (performance.now() - liveAt);
}

/**
 * Begin to follow the stream.
 * @param {string} [address] another stream than that of who is signed in
 */
export function follow(address = "/v1/stream") {
  if (address === "/v1/stream" && "SharedWorker" in window) {
    const worker = new SharedWorker(new URL("./stream_worker.js", import.meta.url), { type: "module" });
    worker.addEventListener("error", () => own(address)); // an old browser without modules in workers
    worker.port.addEventListener("message", (event) => hear(event.data, event.data.isOld));
    worker.port.start();
    window.addEventListener("pagehide", () => worker.port.postMessage("bye"));
    window.addEventListener("pageshow", () => worker.port.postMessage("here"));
    window.addEventListener("gatewatch:signed-in", () => worker.port.postMessage("restart"));
    setInterval(() => worker.port.postMessage("here"), ALIVE_EVERY_MS);
  } else {
    own(address);
  }
  setInterval(check, CHECKED_EVERY_MS);
}

/** @param {string} address */
function own(address) {
  const stream = openStream(address, (message) => hear(message));
  window.addEventListener("pagehide", () => stream.close());
  window.addEventListener("pageshow", (event) => event.persisted && stream.restart());
  window.addEventListener("gatewatch:signed-in", () => stream.restart());
}

/**
 * Take in one message, from the shared worker, the page's own connection, or whoever plays one.
 * @param {import("./stream_source.js").Message} message
 * @param {boolean} [isOld] said before this page came: it proves nothing about now
 */
export function hear(message, isOld = false) {
  if (message.kind === "state") {
    root.dataset.stream = message.state;
    if (message.state === "signed-out" && !isOld) void signInAgain();
    return;
  }
  if (!isOld) heardAt = performance.now();
  if (message.kind !== "beat" && message.data) {
    const data = JSON.parse(message.data);
    latest.set(message.kind, data);
    if (message.kind === "live" && !isOld) {
      liveAt = performance.now();
      shownAt = Date.parse(data.at);
    }
    tell(message.kind, data);
  }
  check();
}

/**
 * @param {string} kind
 * @param {any} data
 */
function tell(kind, data) {
  for (const listener of listeners.get(kind) ?? []) {
    try {
      listener(data);
    } catch (error) {
      console.error(error); // one part of a page that fails does not stop the others
    }
  }
}

function check() {
  const now = performance.now();
  const frozen = now - heardAt > FROZEN_AFTER_MS || now - liveAt > OLD_AFTER_MS;
  for (const element of document.querySelectorAll("[data-clock]")) {
    const text = clock(serverNow(), element.getAttribute("data-clock") || undefined);
    if (element.textContent !== text) element.textContent = text;
  }
  if (frozen === isFrozen) return;
  isFrozen = frozen;
  const banner = byId("frozen");
  root.classList.toggle("is-frozen", frozen);
  banner.hidden = !frozen;
  if (frozen) {
    const text = _("DATA STOPPED AT {at}", { at: clockWithSeconds(shownAt) });
    (banner.firstElementChild ?? banner).textContent = text;
    document.title = `⚠ ${document.title.replace(/^⚠ /, "")}`;
  } else {
    document.title = document.title.replace(/^⚠ /, "");
    root.classList.add("is-back");
    setTimeout(() => root.classList.remove("is-back"), BACK_MS);
    announce(_("Data comes again."));
  }
  tell("frozen", frozen);
}
