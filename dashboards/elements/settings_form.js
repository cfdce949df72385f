// A form made from the JSON schema of a kind of policy: a field for each setting, with its unit and its errors beside it.

import { h } from "../shared/dom.js";
import { _, pick } from "../shared/words.js";

/** @typedef {Record<string, any>} Schema a property of a JSON schema, flat, with `unit` */
/** @typedef {Record<string, any>} Settings */

/**
 * @typedef {object} Places
 * @property {any[]} gates
 * @property {Record<string, any>} classes
 * @property {Record<string, any>} values
 * @property {Record<string, any>} units
 */

let last = 0;

/**
 * Return the fields of a kind: those that are needed or set first, the others below.
 * @param {any} kind as GET /v1/policies tells it
 * @param {Settings} settings
 * @param {Places} places
 * @param {(key: string, value: any) => void} onChange undefined: not set
 * @param {{ key: string, text: string }[]} faults
 * @returns {HTMLElement}
 */
export function settingsForm(kind, settings, places, onChange, faults) {
  const needed = new Set(kind.schema.required ?? []);
  const keys = Object.keys(kind.schema.properties).filter((key) => canBeDrawn(kind.schema.properties[key]));
  const isFirst = (/** @type {string} */ key) => needed.has(key) || key in settings || faults.some((fault) => fault.key === key);
  const draw = (/** @type {string} */ key) =>
    field(kind, key, settings[key], places, onChange, faults.filter((fault) => fault.key === key), needed.has(key));
  const first = keys.filter(isFirst);
  const others = keys.filter((key) => !isFirst(key));
  return h(
    "div",
    {},
    h("div", { class: "pair" }, first.map(draw)),
    others.length > 0 &&
      h("details", { open: first.length === 0 }, h("summary", {}, _("More settings")), h("div", { class: "pair" }, others.map(draw))),
  );
}

/**
 * Whether a setting has a field: tables within tables are for files.
 * @param {Schema} schema
 */
function canBeDrawn(schema) {
  return !schema.oneOf && !schema.items?.$ref;
}

/**
 * @param {any} kind
 * @param {string} key
 * @param {any} value
 * @param {Places} places
 * @param {(key: string, value: any) => void} onChange
 * @param {{ text: string }[]} faults
 * @param {boolean} isNeeded
 */
function field(kind, key, value, places, onChange, faults, isNeeded) {
  const schema = kind.schema.properties[key];
  const id = `setting-${++last}`;
  const label = pick(kind.settings[key]) + (isNeeded ? " *" : "");
  const change = (/** @type {any} */ to) => onChange(key, to);
  const options = optionsOf(schema, places);
  const about = `${id}-about`;
  const common = { id, "aria-describedby": about, "aria-invalid": faults.length > 0 && "true", required: isNeeded };
  const unit = pick(places.units[schema.unit] ?? { en: schema.unit });
  const below = h(
    "small",
    { id: about, class: faults.length ? "wrong" : "spoken", lang: faults.length ? "en" : null },
    faults.length ? faults.map((fault) => fault.text).join(" ") : schema.description,
  );
  if (options && schema.type === "array") {
    const chosen = new Set(Array.isArray(value) ? value : value === undefined ? [] : [value]);
    return h("div", { class: "field" }, checks(id, label, about, options, chosen, change), below);
  }
  return h(
    "div",
    { class: "field" },
    h("label", { for: id, title: schema.description }, label),
    h("div", { class: "with-unit" }, input(schema, value, options, common, change), unit && h("span", {}, unit)),
    below,
  );
}

/**
 * @param {string} id
 * @param {string} label
 * @param {string} about
 * @param {[string, string][]} options
 * @param {Set<any>} chosen
 * @param {(to: any) => void} change
 */
function checks(id, label, about, options, chosen, change) {
  const boxes = options.map(([value, text]) => {
    const box = /** @type {HTMLInputElement} */ (h("input", { type: "checkbox", value, checked: chosen.has(value) }));
    box.addEventListener("change", () => {
      if (box.checked) chosen.add(value);
      else chosen.delete(value);
      const inOrder = options.map(([other]) => other).filter((other) => chosen.has(other));
      change(inOrder.length ? inOrder : undefined);
    });
    return h("label", {}, box, text);
  });
  const list = h("fieldset", { id, class: "checks", "aria-describedby": about }, h("legend", { class: "label" }, label), boxes);
  if (options.length <= 8) return list;
  const n = chosen.size;
  return h("details", { open: n > 0 }, h("summary", {}, n ? `${label} (${n})` : label), list);
}

/**
 * @param {Schema} schema
 * @param {any} value
 * @param {[string, string][] | null} options
 * @param {Record<string, unknown>} common
 * @param {(to: any) => void} change
 * @returns {HTMLElement}
 */
function input(schema, value, options, common, change) {
  if (schema.type === "boolean") {
    options = [["true", _("yes")], ["false", _("no")]];
    return select(options, value === undefined ? "" : String(value), schema, common, (text) => change(text === "" ? undefined : text === "true"));
  }
  if (options) return select(options, value ?? "", schema, common, (text) => change(text === "" ? undefined : text));
  const isNumber = schema.type === "number" || schema.type === "integer";
  const isList = schema.type === "array";
  const pattern = String(schema.pattern ?? "");
  const type = isNumber ? "number" : schema.format === "date" ? "date" : pattern === "^\\d{2}:\\d{2}$" ? "time" : "text";
  const shown = isList && Array.isArray(value) ? value.join(", ") : value;
  const element = /** @type {HTMLInputElement} */ (
    h("input", {
      ...common,
      type,
      min: schema.minimum ?? schema.exclusiveMinimum ?? null,
      max: schema.maximum ?? schema.exclusiveMaximum ?? null,
      step: isNumber ? (schema.type === "integer" ? 1 : "any") : null,
      value: shown ?? null,
      placeholder: schema.default === null || schema.default === undefined ? null : String(schema.default),
      autocomplete: "off",
    })
  );
  element.addEventListener("input", () => {
    const text = element.value.trim();
    if (text === "" && !element.validity.badInput) change(undefined);
    else if (isNumber) change(Number(text));
    else if (isList) change(text.split(",").map((part) => part.trim()).filter((part) => part));
    else change(text);
  });
  return element;
}

/**
 * @param {[string, string][]} options
 * @param {string} value
 * @param {Schema} schema
 * @param {Record<string, unknown>} common
 * @param {(text: string) => void} change
 */
function select(options, value, schema, common, change) {
  const preset = schema.default === null || schema.default === undefined ? null : options.find(([key]) => key === String(schema.default));
  const nothing = preset ? _("{value} (unless set)", { value: preset[1] }) : "—";
  const element = /** @type {HTMLSelectElement} */ (
    h("select", common, h("option", { value: "" }, nothing), options.map(([key, text]) => h("option", { value: key, selected: key === value }, text)))
  );
  element.addEventListener("change", () => change(element.value));
  return element;
}

/**
 * Return what a setting can be chosen from, or null where it is written.
 * @param {Schema} schema
 * @param {Places} places
 * @returns {[string, string][] | null}
 */
function optionsOf(schema, places) {
  const named = (/** @type {string[]} */ keys) => keys.map((key) => /** @type {[string, string]} */ ([key, pick(places.values[key] ?? { en: key })]));
  const listed = schema.enum ?? schema.items?.enum;
  if (listed) return named(listed);
  switch (schema.unit) {
    case "gate":
    case "gates":
      return places.gates.map((gate) => [gate.name, pick(gate.title)]);
    case "vehicle classes":
      return Object.entries(places.classes).map(([key, title]) => [key, pick(title)]);
    case "stations":
      return ofGates(places.gates, "stations");
    case "stages":
      return ofGates(places.gates, "stages");
    case "yard":
    case "yards":
      return ofGates(places.gates, "yards");
    default:
      return null;
  }
}

/**
 * Return what any gate has, once each.
 * @param {any[]} gates
 * @param {"stations" | "stages" | "yards"} what
 * @returns {[string, string][]}
 */
function ofGates(gates, what) {
  /** @type {Map<string, string>} */
  const found = new Map();
  for (const gate of gates) {
    for (const [key, title] of Object.entries(gate[what])) if (!found.has(key)) found.set(key, pick(title));
  }
  return [...found];
}
