// A television that shows a code for its person to type.
const GRANT = "urn:ietf:params:oauth:grant-type:device_code";

/** The code that a device shows which has just begun to sign somebody in. */
export async function shownCode(server) {
  const words = ["--name", "Televisión de la sala", "--public", "--grant-type", GRANT];
  const made = await server.operator("client", "create", ...words);
  const form = new URLSearchParams({
    client_id: JSON.parse(made).client_id,
    scope: "openid profile offline_access chat",
  });
  const answer = await fetch(`${server.url}/id/oauth/device`, { method: "POST", body: form });
  return (await answer.json()).user_code;
}

/** Types a code on the page of devices. */
export async function typeCode({ page, server }, code) {
  await page.goto(`${server.url}/id/device`);
  await page.locator("input[name=user_code]").fill(code);
  await page.locator("main form button[type=submit]").click();
}
