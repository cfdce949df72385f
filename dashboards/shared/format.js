// Values as people read them: numbers and dates of the page's language, the clock of Hanoi; what is not known is a dash.

import { _, language } from "./words.js";

export const NOT_KNOWN = "—";
export const zone = document.documentElement.dataset.zone || "Asia/Ho_Chi_Minh";
export const BEIJING = "Asia/Shanghai";

const locale = { vi: "vi-VN", en: "en-GB", zh: "zh-CN" }[language] || "vi-VN";

/** @type {Map<number, Intl.NumberFormat>} */
const numbers = new Map();

/**
 * Return a number; null is a dash and never 0.
 * @param {number | null | undefined} value
 * @param {number} [digits] after the decimal sign
 * @returns {string}
 */
export function number(value, digits = 0) {
  if (value === null || value === undefined || Number.isNaN(value)) return NOT_KNOWN;
  let found = numbers.get(digits);
  if (!found) {
    found = new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
    numbers.set(digits, found);
  }
  return found.format(value);
}

/**
 * Return a share as a percentage.
 * @param {number | null | undefined} share
 * @returns {string}
 */
export function percent(share) {
  return share === null || share === undefined ? NOT_KNOWN : `${number(100 * share)} %`;
}

/**
 * Return a unit as it is read.
 * @param {string} key such as veh, veh/h, days, h, min, s
 * @returns {string}
 */
export function unit(key) {
  /** @type {Record<string, string>} */
  const known = {
    veh: _("veh"),
    "veh/h": _("veh/h"),
    "veh/day": _("veh/day"),
    days: _("days"),
    h: _("h"),
    min: _("min"),
    s: _("s"),
    t: _("t"),
    share: _("share of 1"),
    ratio: _("times"),
    "open h": _("open h"),
  };
  return known[key] ?? key;
}

/**
 * Return a length of time in hours and minutes, or days for long ones.
 * @param {number | null | undefined} seconds
 * @returns {string}
 */
export function duration(seconds) {
  if (seconds === null || seconds === undefined) return NOT_KNOWN;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return _("{n} min", { n: number(minutes) });
  if (minutes < 2 * 1440) {
    const rest = minutes % 60;
    const hours = number(Math.floor(minutes / 60));
    return rest ? _("{h} h {m} min", { h: hours, m: String(rest).padStart(2, "0") }) : _("{h} h", { h: hours });
  }
  return _("{n} days", { n: number(minutes / 1440, 1) });
}

/**
 * Return how old something is.
 * @param {number | null | undefined} seconds
 * @returns {string}
 */
export function age(seconds) {
  if (seconds === null || seconds === undefined) return NOT_KNOWN;
  if (seconds < 60) return _("{n} s ago", { n: number(Math.max(0, Math.floor(seconds))) });
  if (seconds < 3600) return _("{n} min ago", { n: number(Math.floor(seconds / 60)) });
  if (seconds < 48 * 3600) return _("{n} h ago", { n: number(seconds / 3600, 1) });
  return _("{n} days ago", { n: number(seconds / 86400, 1) });
}

/**
 * Return the ends of a band.
 * @param {number | null | undefined} low
 * @param {number | null | undefined} high
 * @param {number} [digits]
 * @returns {string}
 */
export function band(low, high, digits = 0) {
  if (low === null || low === undefined || high === null || high === undefined) return NOT_KNOWN;
  return `${number(low, digits)} – ${number(high, digits)}`;
}

/**
 * Return half the width of a band as ± a number, empty where there is none.
 * @param {number | null | undefined} low
 * @param {number | null | undefined} high
 * @param {number} [digits]
 * @returns {string}
 */
export function plusMinus(low, high, digits = 0) {
  if (low === null || low === undefined || high === null || high === undefined) return "";
  return `±${number((high - low) / 2, digits)}`;
}

/** @type {Map<string, Intl.DateTimeFormat>} */
const clocks = new Map();

/**
 * @param {string | number | Date} at
 * @param {Intl.DateTimeFormatOptions} options
 * @param {string} [in_zone]
 */
function shown(at, options, in_zone = zone) {
  const key = JSON.stringify([options, in_zone]);
  let found = clocks.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(locale, { timeZone: in_zone, hourCycle: "h23", ...options });
    clocks.set(key, found);
  }
  return found.format(at instanceof Date ? at : new Date(at)).replace(/(\d)-(?=\d)/g, "$1/"); // vi-VN writes 16-01
}

/**
 * Return the clock of Hanoi, or of another zone, for an instant.
 * @param {string | number | Date | null | undefined} at
 * @param {string} [in_zone]
 * @returns {string}
 */
export function clock(at, in_zone = zone) {
  return at === null || at === undefined ? NOT_KNOWN : shown(at, { hour: "2-digit", minute: "2-digit" }, in_zone);
}

/**
 * Return the clock with seconds.
 * @param {string | number | Date} at
 * @returns {string}
 */
export function clockWithSeconds(at) {
  return shown(at, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

/**
 * Return a date.
 * @param {string | number | Date | null | undefined} at
 * @returns {string}
 */
export function day(at) {
  return at === null || at === undefined ? NOT_KNOWN : shown(at, { day: "2-digit", month: "2-digit", year: "numeric" });
}

/**
 * Return the weekday with day and month.
 * @param {string | number | Date} at
 * @param {string} [in_zone]
 * @returns {string}
 */
export function weekday(at, in_zone = zone) {
  return shown(at, { weekday: "long", day: "2-digit", month: "2-digit" }, in_zone);
}

/**
 * Return an instant: the clock alone today, with the day otherwise.
 * @param {string | number | Date | null | undefined} at
 * @param {string | number | Date} [now] without it, when the page was made
 * @returns {string}
 */
export function moment(at, now = document.documentElement.dataset.now ?? Date.now()) {
  if (at === null || at === undefined) return NOT_KNOWN;
  return day(at) === day(now) ? clock(at) : `${clock(at)} ${shown(at, { day: "2-digit", month: "2-digit" })}`;
}

/**
 * Return a level as a word.
 * @param {string} level
 * @returns {string}
 */
export function levelWord(level) {
  /** @type {Record<string, string>} */
  const known = {
    clear: _("Clear"),
    busy: _("Busy"),
    congested: _("Congested"),
    critical: _("Critical"),
    unknown: _("No data"),
    shut: _("Shut as planned"),
  };
  return known[level] ?? level;
}

/**
 * Return a direction as a word.
 * @param {string} direction
 * @returns {string}
 */
export function directionWord(direction) {
  return direction === "export" ? _("Export") : direction === "import" ? _("Import") : direction;
}

/**
 * Return how a figure was found, in words.
 * @param {string} method
 * @returns {string}
 */
export function methodWord(method) {
  /** @type {Record<string, string>} */
  const known = {
    counted: _("counted by the feeds"),
    reckoned: _("last count by hand or bulletin, plus arrivals, less clearances"),
    not_reckoned: _("there was a count, but since then a feed is missing"),
    never_counted: _("nobody has counted yet: make a hand count"),
    backlog_over_clearances: _("backlog over the clearances of a day, mean of seven days"),
    sum: _("sum over all gates and directions"),
  };
  return known[method] ?? method;
}

/**
 * Return what a quality letter means.
 * @param {string} quality
 * @returns {string}
 */
export function qualityWord(quality) {
  /** @type {Record<string, string>} */
  const known = {
    A: _("fresh and narrow"),
    B: _("a backup feed or a wider band"),
    C: _("parts of the time were not heard"),
    D: _("stale, very wide or not known"),
  };
  return known[quality] ?? quality;
}
