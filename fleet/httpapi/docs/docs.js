// Shows the description of the API. It makes elements and text only, never markup from data.
"use strict";

const make = (name, text, ...children) => {
  const element = document.createElement(name);
  if (text) element.textContent = text;
  element.append(...children);
  return element;
};

async function load() {
  const session = await fetch("/api/v1/auth/refresh", {
    method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json" }, body: "{}",
  });
  if (!session.ok) throw new Error("Sign in to the console first, then open this page again.");
  const { access_token: token } = await session.json();
  const description = await fetch("/openapi.json", { headers: { Authorization: `Bearer ${token}` } });
  if (!description.ok) throw new Error(`The description did not come: ${description.status}`);
  return description.json();
}

// example writes a schema as the JSON that it stands for.
function example(api, schema, depth = 0) {
  if (!schema || depth > 6) return "…";
  if (schema.$ref) return example(api, api.components.schemas[schema.$ref.split("/").pop()], depth + 1);
  if (schema.enum) return schema.enum.join(" | ");
  const type = Array.isArray(schema.type) ? schema.type.find((t) => t !== "null") : schema.type;
  if (type === "array") return [example(api, schema.items, depth + 1)];
  if (type === "object" && schema.properties) {
    const required = new Set(schema.required ?? []);
    return Object.fromEntries(Object.entries(schema.properties).map(([name, property]) =>
      [required.has(name) ? name : `${name}?`, example(api, property, depth + 1)]));
  }
  return schema.format ? `${type} (${schema.format})` : type ?? "any";
}

function body(api, title, content) {
  const schema = content && Object.values(content)[0]?.schema;
  if (!schema) return [];
  return [make("p", title), make("pre", JSON.stringify(example(api, schema), null, 2))];
}

function parameters(list) {
  if (!list?.length) return [];
  const rows = list.map((p) => make("tr", "", make("td", "", make("code", p.name)), make("td", p.in),
    make("td", p.required ? "required" : ""), make("td", p.description ?? "")));
  return [make("table", "", make("tbody", "", ...rows))];
}

function operation(api, path, method, op) {
  const summary = make("summary", "", make("b", method.toUpperCase()), make("code", path), make("span", op.summary ?? ""));
  const facts = [op["x-permission"] && `needs ${op["x-permission"]}`, op["x-feature"] && `plan with ${op["x-feature"]}`];
  const answers = Object.entries(op.responses ?? {}).filter(([status]) => status.startsWith("2"));
  const element = make("details", "", summary, make("p", facts.filter(Boolean).join(" · ")), ...parameters(op.parameters),
    ...body(api, "Request", op.requestBody?.content),
    ...answers.flatMap(([status, answer]) => body(api, `Answer ${status}`, answer.content)));
  element.dataset.text = [path, op.summary, op["x-permission"]].join(" ").toLowerCase();
  return element;
}

function show(api) {
  const groups = new Map();
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [method, op] of Object.entries(methods)) {
      const tag = op.tags?.[0] ?? "other";
      groups.set(tag, [...(groups.get(tag) ?? []), operation(api, path, method, op)]);
    }
  }
  const sections = [...groups].sort(([a], [b]) => a.localeCompare(b)).map(([tag, list]) => make("section", "", make("h2", tag), ...list));
  document.getElementById("operations").replaceChildren(...sections);
  document.getElementById("find").addEventListener("input", (event) => {
    const wanted = event.target.value.trim().toLowerCase();
    for (const section of sections) {
      let any = false;
      for (const element of section.querySelectorAll("details")) {
        element.hidden = !element.dataset.text.includes(wanted);
        any ||= !element.hidden;
      }
      section.hidden = !any;
    }
  });
}

load().then(show, (error) => document.getElementById("operations").replaceChildren(make("p", error.message)));
