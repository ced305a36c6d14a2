// An authenticator that Chromium simulates, and a person who touches it or does not.

/** An authenticator of this page with a finger to verify. A request that comes while nobody
 * touches it waits for ever. */
export async function plugAuthenticator(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable", { enableUI: false });
  const options = {
    protocol: "ctap2",
    ctap2Version: "ctap2_1",
    transport: "internal",
    hasResidentKey: true,
    hasUserVerification: true,
    isUserVerified: true,
    automaticPresenceSimulation: false,
  };
  const plugged = await session.send("WebAuthn.addVirtualAuthenticator", { options });
  const { authenticatorId } = plugged;
  const present = (enabled) =>
    session.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled });
  return {
    /** Has a finger on it during `work`. */
    async touch(work) {
      await present(true);
      try {
        return await work();
      } finally {
        await present(false);
      }
    },
    async credentials() {
      const told = await session.send("WebAuthn.getCredentials", { authenticatorId });
      return told.credentials;
    },
  };
}

/** Makes a passkey for the person that is signed in; ends where recovery codes are shown. */
export async function makePasskey({ page, server }, authenticator, name) {
  await page.goto(`${server.url}/id/account/security`);
  await page.locator("a[href$='/account/security/passkeys']").click();
  await page.locator("form[data-passkey=enrol] input[name=name]").fill(name);
  await authenticator.touch(async () => {
    await page.locator("form[data-passkey=enrol] button").click();
    await page.locator("ol.codes li").first().waitFor();
  });
}

/** Signs out of the provider, which tells the chat. */
export async function signOut({ page, server }) {
  await page.goto(`${server.url}/id/account`);
  await page.locator("form[action$='/logout'] button").click();
  await page.locator("main .seal").waitFor();
}

/** The sign-in page, as the chat leads to it. */
export async function openSignIn({ page, server }) {
  await page.goto(`${server.url}/auth/login?return_to=/`);
  await page.locator("form[data-passkey=sign-in] button").waitFor();
}
