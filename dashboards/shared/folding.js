// Search without diacritics: "huu nghi" finds Hữu Nghị.

/**
 * Return a text as it is compared: small letters without marks.
 * @param {string} text
 * @returns {string}
 */
export function folded(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replaceAll("đ", "d").replaceAll("_", " ");
}

/**
 * Return whether a text has every word of what is searched for, as beginnings or parts of words.
 * @param {string} text
 * @param {string} sought
 * @returns {boolean}
 */
export function isFound(text, sought) {
  const inside = folded(text);
  return folded(sought).split(/\s+/).every((word) => inside.includes(word));
}
