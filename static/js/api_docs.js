// Tries the API's calls: builds a form for each call from openapi.json when it is opened, and shows what was answered.

const own = document.getElementById("api-docs");
const api = await (await fetch(own.dataset.document)).json();
const root = api.servers[0].url;
const calls = new Map();
for (const [path, methods] of Object.entries(api.paths)) {
  for (const [method, call] of Object.entries(methods)) calls.set(call.operationId, { path, method, call });
}

const make = (tag, attributes = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), attributes);
  element.append(...children);
  return element;
};

const resolved = (schema) => (schema?.$ref ? api.components.schemas[schema.$ref.split("/").pop()] : schema ?? {});

// A body to begin with: what is needed, with plain values.
function example(schema) {
  const shape = resolved(schema);
  const kind = Array.isArray(shape.type) ? shape.type[0] : shape.type;
  if (shape.enum) return shape.enum[0];
  if (kind === "object") {
    return Object.fromEntries((shape.required ?? []).map((name) => [name, example(shape.properties[name])]));
  }
  if (kind === "array") return [example(shape.items)];
  if (kind === "integer" || kind === "number") return shape.minimum ?? 0;
  return kind === "boolean" ? false : "";
}

let fields = 0;

function field(form, name, hint, options = {}) {
  const id = `api-field-${(fields += 1)}`;
  const { tag = "input", ...attributes } = options;
  const input = make(tag, { id, className: "form-control", ...attributes });
  form.append(make("label", { htmlFor: id, textContent: name }), input);
  if (hint) {
    const note = make("p", { className: "api-hint", id: `${id}-hint`, textContent: hint });
    input.setAttribute("aria-describedby", note.id);
    form.append(note);
  }
  return input;
}

function bodyField(form, call) {
  const content = call.requestBody?.content;
  if (!content) return null;
  const [type, described] = Object.entries(content)[0];
  if (type === "application/json") {
    const text = JSON.stringify(example(described.schema), null, 2);
    const all = Object.keys(resolved(described.schema).properties ?? {}).join(", ");
    const input = field(form, "body", `JSON: ${all}`, { tag: "textarea", value: text, spellcheck: false });
    return () => ({ body: input.value, type });
  }
  const input = field(form, "file", type, { type: "file" });
  return () => {
    if (type !== "multipart/form-data") return { body: input.files[0] ?? "", type };
    const data = new FormData();
    if (input.files[0]) data.append("file", input.files[0]);
    return { body: data };
  };
}

function address(path, parameters) {
  const query = new URLSearchParams();
  let filled = path;
  for (const { parameter, input } of parameters) {
    if (parameter.in === "path") filled = filled.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
    if (parameter.in === "query" && input.value) query.set(parameter.name, input.value);
  }
  return root + filled + (query.size ? `?${query}` : "");
}

async function shown(response) {
  const lines = [`${response.status} ${response.statusText}`];
  for (const name of ["content-type", "location", "link", "upload-offset", "upload-length", "etag", "idempotent-replayed"]) {
    if (response.headers.has(name)) lines.push(`${name}: ${response.headers.get(name)}`);
  }
  const type = response.headers.get("content-type") ?? "";
  if (type.includes("json")) lines.push("", JSON.stringify(await response.json(), null, 2));
  else if (type.startsWith("text/html")) lines.push("", await response.text());
  else lines.push("", `${(await response.blob()).size} bytes`);
  return lines.join("\n");
}

// A stream never ends while the job goes on: it is shown as it comes, and the button ends it.
async function follow(response, answer, signal) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  signal.addEventListener("abort", () => reader.cancel(), { once: true });
  answer.textContent = `${response.status} ${response.statusText}\n\n`;
  for (let part = await reader.read(); !part.done; part = await reader.read()) answer.append(part.value);
}

function build(place, { path, method, call }) {
  const form = make("form");
  const parameters = (call.parameters ?? []).map((parameter) => {
    const type = parameter.schema.type === "integer" ? "number" : "text";
    const input = field(form, parameter.name, parameter.description, { type, required: parameter.required });
    return { parameter, input };
  });
  const body = bodyField(form, call);
  const button = make("button", { type: "submit", className: "btn btn-primary", textContent: own.dataset.send });
  const answer = make("pre", { className: "api-answer", hidden: true, tabIndex: 0 });
  answer.setAttribute("role", "status");
  answer.setAttribute("aria-label", own.dataset.answer);
  let running = null;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    running?.abort();
    running = new AbortController();
    const headers = {};
    for (const { parameter, input } of parameters) if (parameter.in === "header" && input.value) headers[parameter.name] = input.value;
    const { body: content, type } = body ? body() : {};
    if (type) headers["Content-Type"] = type;
    answer.hidden = false;
    answer.textContent = "…";
    try {
      const response = await fetch(address(path, parameters), { method: method.toUpperCase(), headers, body: content, signal: running.signal });
      if ((response.headers.get("content-type") ?? "").startsWith("text/event-stream")) await follow(response, answer, running.signal);
      else answer.textContent = await shown(response);
    } catch (error) {
      if (error.name !== "AbortError") answer.textContent = String(error);
    }
  });
  form.append(button);
  place.append(form, answer);
}

for (const details of document.querySelectorAll("[data-operation]")) {
  const fill = () => {
    const place = details.querySelector("[data-form]");
    if (details.open && !place.hasChildNodes()) build(place, calls.get(details.dataset.operation));
  };
  details.addEventListener("toggle", fill);
  fill(); // it may have been opened before the document was there
}
