/** A real Chromium before the built client and the mock server. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { startMockServer } from "../mock-server/server.mjs";
import { fillTown } from "../mock-server/town.mjs";

const dist = fileURLToPath(new URL("../../dist", import.meta.url));
const known = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const args = [
  "--headless",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function launch(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? known.find((path) => existsSync(path));
  if (!executablePath) throw new Error("no Chromium found: install it, or set CHROMIUM");
  const root = process.getuid?.() === 0;
  return chromium.launch({ executablePath, args: root ? ["--no-sandbox", ...args] : args });
}

export type Town = Awaited<ReturnType<typeof openTown>>;

/** A server with an invented workspace. */
export async function openTown() {
  const server = await startMockServer({ dist });
  return { ...server, ...fillTown(server.world) };
}

export interface Look {
  locale?: "es-CL" | "en-US";
  colorScheme?: "light" | "dark";
  width?: number;
  height?: number;
}

/** A page of Rodolfo's; `faults` collects what the console complains about. */
export async function visit(browser: Browser, town: Town, path: string, look: Look = {}) {
  const { locale = "es-CL", colorScheme = "light", width = 1280, height = 800 } = look;
  const context = await browser.newContext({
    viewport: { width, height },
    locale,
    colorScheme,
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(message.text());
  });
  await page.goto(`${town.url}/auth/login?as=rodolfo&return_to=${encodeURIComponent(path)}`);
  return { context, page, faults };
}

export const composer = (page: Page) => page.locator("#composer");

export async function say(page: Page, text: string) {
  await composer(page).fill(text);
  await composer(page).press("Enter");
}
