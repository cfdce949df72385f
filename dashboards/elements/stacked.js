// A table that stays within a phone's width: there each row is a card whose cells say their headings.

const ROLES = Object.entries({ thead: "rowgroup", tbody: "rowgroup", tr: "row", "thead th": "columnheader", "tbody th": "rowheader", td: "cell" });

/**
 * Return a table that stacks on a small screen; called again after its rows have changed.
 * @template {Element} T
 * @param {T} table
 * @returns {T}
 */
export function stacked(table) {
  const heads = [...table.querySelectorAll("thead th")].map((head) => (head.querySelector(".spoken, .axis") ? "" : head.textContent));
  table.classList.add("stacked");
  table.setAttribute("role", "table"); // a browser forgets what a table is once its rows are laid out otherwise
  for (const [selector, role] of ROLES) for (const element of table.querySelectorAll(selector)) element.setAttribute("role", role);
  for (const row of table.querySelectorAll("tbody tr")) {
    [...row.children].forEach((cell, place) => heads[place] && cell.setAttribute("data-label", heads[place] ?? ""));
  }
  return table;
}
