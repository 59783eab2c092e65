// Passkeys (WebAuthn): makes one on the account's page, and signs in with one. What is asked for comes from the server.
const words = JSON.parse(document.querySelector("[data-passkey-words]").dataset.passkeyWords);

const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const toText = (buffer) => {
  const binary = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
};
const withBytes = (keys) => (keys || []).map((key) => ({ ...key, id: toBytes(key.id) }));

async function ask(form, address, body) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": form.elements.csrf_token.value };
  let answer, told;
  try {
    answer = await fetch(address, { method: "POST", headers, body: JSON.stringify(body) });
    told = await answer.json();
  } catch {
    throw new Error(words.failed);
  }
  if (!answer.ok) throw new Error(told.problem || words.failed);
  return told;
}

async function device(work) {
  try {
    return await work();
  } catch {
    throw new Error(words.refused); // stopped, too late, or not of this device: browsers don't say which
  }
}

async function make(form) {
  const options = await ask(form, form.dataset.options, {});
  options.challenge = toBytes(options.challenge);
  options.user.id = toBytes(options.user.id);
  options.excludeCredentials = withBytes(options.excludeCredentials);
  const made = await device(() => navigator.credentials.create({ publicKey: options }));
  const { clientDataJSON, attestationObject } = made.response;
  const response = { clientDataJSON: toText(clientDataJSON), attestationObject: toText(attestationObject) };
  const credential = { id: made.id, rawId: toText(made.rawId), type: made.type, response };
  return ask(form, form.dataset.target, { credential, name: form.elements.name.value });
}

async function signIn(form) {
  const options = await ask(form, form.dataset.options, {});
  options.challenge = toBytes(options.challenge);
  options.allowCredentials = withBytes(options.allowCredentials);
  const found = await device(() => navigator.credentials.get({ publicKey: options }));
  const { clientDataJSON, authenticatorData, signature, userHandle } = found.response;
  const response = { clientDataJSON: toText(clientDataJSON), authenticatorData: toText(authenticatorData), signature: toText(signature) };
  if (userHandle) response.userHandle = toText(userHandle);
  const credential = { id: found.id, rawId: toText(found.rawId), type: found.type, response };
  return ask(form, form.dataset.target, { credential });
}

function serve(form, work) {
  const problem = form.querySelector("[role=alert]"), button = form.querySelector("button[type=submit]");
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.hidden = true;
    button.disabled = true;
    try {
      location.assign((await work(form)).next);
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
      button.disabled = false;
    }
  });
}

if (window.PublicKeyCredential && window.isSecureContext) {
  for (const form of document.querySelectorAll("[data-passkey-make]")) serve(form, make);
  for (const form of document.querySelectorAll("[data-passkey-sign-in]")) serve(form, signIn);
}
