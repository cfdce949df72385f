// The sound of alarms kept quiet for at most five minutes, in this browser; an alarm that comes meanwhile is heard. Of several
// windows one sounds.

const MUTE = "gatewatch-muted";
const TURN = "gatewatch-sound-turn";
const TURN_MS = 6000; // a window that has not sounded for so long has given its turn up

export const MOST_MS = 5 * 60 * 1000;

const me = crypto.getRandomValues(new Uint32Array(1))[0];

/**
 * Return until when alarms are quiet [ms since 1970]; 0: they are not.
 * @param {string[]} ids alarms that would be heard
 * @param {number} [now]
 * @returns {number}
 */
export function mutedUntil(ids, now = Date.now()) {
  try {
    const found = JSON.parse(localStorage.getItem(MUTE) ?? "null");
    const until = Number(found?.until);
    if (!(until > now && until <= now + MOST_MS)) return 0; // over, or the clock was set
    return ids.every((id) => found.ids.includes(id)) ? until : 0;
  } catch {
    return 0;
  }
}

/**
 * Keep alarms quiet for five minutes; none: let them be heard.
 * @param {string[]} ids
 */
export function mute(ids) {
  try {
    if (ids.length) localStorage.setItem(MUTE, JSON.stringify({ until: Date.now() + MOST_MS, ids }));
    else localStorage.removeItem(MUTE);
  } catch {
    // a browser that keeps nothing goes on sounding
  }
}

/** Return whether it is for this window to sound, and take the turn. */
export function isOurTurn() {
  try {
    const [who, at] = (localStorage.getItem(TURN) ?? "").split(" ").map(Number);
    if (who !== me && Date.now() - at < TURN_MS && at <= Date.now()) return false;
    localStorage.setItem(TURN, `${me} ${Date.now()}`);
  } catch {
    // two windows that sound are better than none
  }
  return true;
}
