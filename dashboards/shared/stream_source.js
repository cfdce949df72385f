// One connection to /v1/stream that comes back by itself; used by the shared worker, or by the page where there is none.

/**
 * @typedef {{ kind: "live" | "alerts" | "beat" | "state", data?: string, state?: "open" | "lost" | "signed-out" }} Message
 */

const EVENTS = /** @type {const} */ (["live", "alerts"]);
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 10000;

/**
 * Open the stream and keep it open.
 * @param {string} address
 * @param {(message: Message) => void} hear
 * @returns {{ restart: () => void, close: () => void }}
 */
export function openStream(address, hear) {
  /** @type {EventSource | null} */
  let source = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let pause = FIRST_PAUSE_MS;
  let isClosed = false;

  function open() {
    clearTimeout(timer);
    source?.close();
    source = new EventSource(address);
    source.addEventListener("open", () => {
      pause = FIRST_PAUSE_MS;
      hear({ kind: "state", state: "open" });
    });
    for (const kind of EVENTS) source.addEventListener(kind, (event) => hear({ kind, data: event.data }));
    source.addEventListener("beat", (event) => hear({ kind: "beat", data: event.data }));
    source.addEventListener("error", lost);
  }

  async function lost() {
    // The browser's own retries stop at an answer that is no stream, and wait long: we open anew ourselves.
    source?.close();
    source = null;
    clearTimeout(timer);
    timer = setTimeout(open, pause);
    pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
    hear({ kind: "state", state: "lost" });
    if (address !== "/v1/stream") return;
    const status = await fetch("/v1/session").then((r) => r.status, () => 0);
    if (status === 401 && !isClosed) hear({ kind: "state", state: "signed-out" });
  }

  open();
  return {
    restart() {
      pause = FIRST_PAUSE_MS;
      open();
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
      source?.close();
    },
  };
}
