// A simulated border whose past is still being told: the notice goes when it has begun, and pages fetch what there is then.

import { get } from "../shared/api.js";
import { byId } from "../shared/dom.js";

const ASKED_EVERY_MS = 2000;

const asking = setInterval(async () => {
  const demo = await get("/v1/demo").catch(() => null); // the banner tells when the service is away
  if (!demo?.has_begun) return;
  clearInterval(asking);
  byId("preparing").hidden = true;
  window.dispatchEvent(new Event("gatewatch:begun"));
}, ASKED_EVERY_MS);
