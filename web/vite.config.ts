import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const server = process.env.TERTULIA_SERVER ?? "http://localhost:8080";
const proxied = ["/api", "/auth", "/id", "/openapi.json", "/docs", "/problems", "/.well-known"];

/** The browser's version decodes with `innerHTML`, which the policy forbids. */
export const alias = {
  "decode-named-character-reference": fileURLToPath(
    new URL("src/markdown/noEntities.ts", import.meta.url),
  ),
};

export default defineConfig({
  plugins: [react()],
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
