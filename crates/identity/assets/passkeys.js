// Passkeys on the pages of sign-in and security. Everything else works without this file.
"use strict";
(() => {
  // A challenge lives for five minutes; the one that waits behind the name field is renewed.
  const RENEW_MS = 4 * 60_000;
  const form = document.querySelector("form[data-passkey]");
  if (!form || !window.PublicKeyCredential) return;
  const said = form.dataset;
  const notice = form.querySelector("[data-notice]");
  const button = form.querySelector("button");
  let waiting;

  const bytes = (text) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replaceAll("+", "-")
      .replaceAll("/", "_")
      .replaceAll("=", "");

  async function post(url, body) {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ csrf: form.elements.csrf.value, ...body }),
    });
    const object = await answer.json();
    if (answer.ok) return object;
    throw Object.assign(new Error(object.detail), {
      kind: object.errors?.[0]?.kind ?? object.kind,
    });
  }

  /** The server's options, with bytes where the browser wants bytes. */
  function opened(options) {
    const listed = (list) => list?.map((one) => ({ ...one, id: bytes(one.id) }));
    const publicKey = { ...options, challenge: bytes(options.challenge) };
    if (options.user) publicKey.user = { ...options.user, id: bytes(options.user.id) };
    publicKey.excludeCredentials = listed(options.excludeCredentials) ?? [];
    publicKey.allowCredentials = listed(options.allowCredentials) ?? [];
    return publicKey;
  }

  /** What the authenticator said, as text. */
  function closed(credential) {
    const response = {};
    const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature"];
    for (const part of [...parts, "userHandle"]) {
      const value = credential.response[part];
      if (value) response[part] = text(value);
    }
    if (credential.response.getTransports) {
      response.transports = credential.response.getTransports();
    }
    const { id, rawId, type } = credential;
    return { id, rawId: text(rawId), type, response };
  }

  async function ask(further) {
    const { ticket, publicKey } = await post(said.options, {});
    const wanted = { publicKey: opened(publicKey), ...further };
    const { credentials } = navigator;
    const making = said.passkey === "enrol";
    const credential = await (making ? credentials.create(wanted) : credentials.get(wanted));
    return { ticket, credential: closed(credential) };
  }

  async function answer({ ticket, credential }) {
    if (said.passkey === "enrol") {
      form.elements.ticket.value = ticket;
      form.elements.credential.value = JSON.stringify(credential);
      form.submit();
      return;
    }
    const body = { ticket, credential };
    if (said.passkey === "sign-in") {
      if (said.ix) body.ix = said.ix;
      body.to = said.to;
      body.keep = document.querySelector("input[name=keep]")?.checked ?? false;
    }
    const { to } = await post(said.verify, body);
    location.assign(to);
  }

  function explain({ name, kind }) {
    // The sign-in is too old, or the half-done one is over: the page itself knows what to do.
    if (kind === "unauthenticated") return location.reload();
    let word = said[kind === "rate_limited" ? "wait" : kind];
    if (name === "NotAllowedError" || name === "AbortError") word = said.cancelled;
    if (name === "InvalidStateError") word = said.known;
    notice.textContent = word ?? said.failed;
    notice.hidden = false;
  }

  /** Offers passkeys in the list of the name field, for as long as the page is open. */
  async function offer() {
    if (said.passkey !== "sign-in") return;
    if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
    let again = true;
    while (again) {
      again = false;
      const mine = new AbortController();
      waiting = mine;
      const renew = setTimeout(() => mine.abort("renew"), RENEW_MS);
      try {
        const found = await ask({ mediation: "conditional", signal: mine.signal });
        await answer(found).catch((error) => {
          explain(error);
          again = true;
        });
      } catch {
        again = mine.signal.reason === "renew";
      }
      clearTimeout(renew);
    }
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    waiting?.abort("the button");
    notice.hidden = true;
    button.disabled = true;
    try {
      await answer(await ask({}));
    } catch (error) {
      explain(error);
      offer();
    }
    button.disabled = false;
  });

  for (const one of document.querySelectorAll("[data-without]")) one.hidden = true;
  form.hidden = false;
  offer();
})();
