import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { off } from "./src/markdown/off";

const server = process.env.TERTULIA_SERVER ?? "http://localhost:8080";
const proxied = ["/api", "/auth", "/id", "/openapi.json", "/docs", "/problems", "/.well-known"];

/** The browser's version decodes with `innerHTML`, which the policy forbids. */
export const alias = {
  "decode-named-character-reference": fileURLToPath(
    new URL("src/markdown/noEntities.ts", import.meta.url),
  ),
};

/** Modules that nothing here ever runs, and what the others know of them. */
const unused = new Map([
  ...off.map((name): [string, string] => [
    `/micromark-core-commonmark/lib/${name.replace(/[A-Z]/g, (big) => `-${big.toLowerCase()}`)}.js`,
    `export const ${name} = { name: "${name}" };`,
  ]),
  // Of the ways to the server it is not among those that `src/sync/link.ts` takes.
  ["/engine.io-client/build/esm/transports/webtransport.js", "export class WT {}"],
]);

const withoutUnused: Plugin = {
  name: "without-unused",
  enforce: "pre",
  load(id) {
    for (const [end, code] of unused) if (id.endsWith(end)) return code;
    return undefined;
  },
};

export default defineConfig({
  plugins: [react(), withoutUnused],
  resolve: { alias },
  build: {
    target: "es2022",
    // Data URLs for fonts and styles would need a wider content security policy.
    assetsInlineLimit: 0,
    manifest: true,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: {
    proxy: {
      ...Object.fromEntries(proxied.map((path) => [path, { target: server }])),
      "/socket.io": { target: server, ws: true },
    },
  },
});
