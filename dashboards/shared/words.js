// Words in the page's language. The server puts those that the page's scripts say into the data block "words".

/** @type {Record<string, string>} */
const said = JSON.parse(document.getElementById("words")?.textContent || "{}");

/** Language of the page: vi, en or zh. */
export const language = document.documentElement.lang.slice(0, 2);

/**
 * Return a text in the page's language, its {names} replaced.
 * @param {string} text English, a literal, so that the catalogues can be checked
 * @param {Record<string, unknown>} [values]
 * @returns {string}
 */
export function _(text, values = {}) {
  return (said[text] ?? text).replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/**
 * Return a sentence that comes in several languages; one that is not there is told in English.
 * @param {Record<string, string>} sentence
 * @returns {string}
 */
export function pick(sentence) {
  return sentence[language] || sentence.en || "";
}

/**
 * Return the language in which `pick` tells a sentence, where it is not the page's: an attribute `lang`, so that it is read aloud
 * as what it is.
 * @param {Record<string, string>} sentence
 * @returns {string | null}
 */
export function languageOf(sentence) {
  return sentence[language] ? null : "en";
}
