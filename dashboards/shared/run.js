// A task that is done apart from the service, followed by its id until it is over, also over a restart of the service.

import { get } from "./api.js";

/**
 * Follow a task.
 * @param {string} id
 * @param {(run: any) => void} hear told at each step, the last time when it is over
 * @param {(error: unknown) => void} lost told when it is not there
 * @returns {() => void} ends it
 */
export function followRun(id, hear, lost) {
  const events = new EventSource(`/v1/runs/${encodeURIComponent(id)}/stream`);
  let isOver = false;
  events.addEventListener("run", (event) => {
    const run = JSON.parse(/** @type {MessageEvent} */ (event).data);
    isOver = run.ended_at !== null;
    if (isOver) events.close();
    hear(run);
  });
  events.addEventListener("error", () => {
    if (events.readyState === EventSource.CLOSED && !isOver) get(`/v1/runs/${encodeURIComponent(id)}`).then(hear, lost);
  });
  return () => events.close();
}
