// Alerts as the stream tells them, and the order of what needs somebody.

import { levelWord } from "../shared/format.js";
import { _ } from "../shared/words.js";

/**
 * @typedef {object} Alert
 * @property {string} id
 * @property {string} rule
 * @property {string} state
 * @property {string} level
 * @property {string} since
 * @property {Record<string, string>} labels
 * @property {Record<string, string>} sentence
 * @property {{ by: string, at: string, until: string } | null} acknowledged
 * @property {{ reason: string, until: string } | null} silence
 * @property {string | null} [inhibited_by]
 * @property {string | null} next_escalation_at
 */

const ORDER = ["critical", "congested", "busy", "unknown", "clear"];
export const ACKNOWLEDGED_MIN = 60;

/**
 * Return how alerts stand to each other: worst first, those that nobody has before others, then by age.
 * @param {{ level: string, acknowledged: unknown, since: string, fired_at?: string | null }} a
 * @param {{ level: string, acknowledged: unknown, since: string, fired_at?: string | null }} b
 * @returns {number}
 */
export function byUrgency(a, b) {
  return (
    ORDER.indexOf(a.level) - ORDER.indexOf(b.level) ||
    Number(Boolean(a.acknowledged)) - Number(Boolean(b.acknowledged)) ||
    Date.parse(a.fired_at ?? a.since) - Date.parse(b.fired_at ?? b.since)
  );
}

/**
 * Return a level of an alert as a word: what tells of data or of the service is not crowded.
 * @param {{ labels: Record<string, string> }} alert
 * @param {string} level
 * @returns {string}
 */
export function degreeWord(alert, level) {
  const about = alert.labels.about ?? "";
  if (about === "" || about === "congestion") return levelWord(level);
  return level === "busy" ? _("To be watched") : level === "congested" ? _("Serious") : levelWord(level);
}

/**
 * Return the alerts that need somebody, in their order.
 * @template {Alert} A
 * @param {A[]} alerts
 * @returns {A[]}
 */
export function inOrder(alerts) {
  return alerts
    .filter((alert) => alert.state !== "pending" && alert.state !== "resolved" && !alert.silence && !alert.inhibited_by)
    .sort(byUrgency);
}
