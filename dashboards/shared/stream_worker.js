// The shared worker: one stream for all tabs, as browsers allow six connections to a host and no more.

import { openStream } from "./stream_source.js";

/** @type {Map<MessagePort, number>} */
const ports = new Map();
/** @type {Map<string, import("./stream_source.js").Message>} */
const last = new Map();
const FORGOTTEN_AFTER_MS = 60000;

const stream = openStream("/v1/stream", (message) => {
  if (message.kind !== "beat") last.set(message.kind, message);
  for (const [port, heard] of ports) {
    if (Date.now() - heard > FORGOTTEN_AFTER_MS) ports.delete(port);
    else port.postMessage(message);
  }
});

self.addEventListener("connect", (event) => {
  const port = /** @type {MessageEvent} */ (event).ports[0];
  if (!port) return;
  ports.set(port, Date.now());
  port.addEventListener("message", (said) => {
    if (said.data === "bye") ports.delete(port);
    else ports.set(port, Date.now());
    if (said.data === "restart") stream.restart();
  });
  port.start();
  for (const message of last.values()) port.postMessage({ ...message, isOld: true });
});
