import { defineConfig } from "vitest/config";
import { alias } from "./vite.config.ts";

export default defineConfig({
  resolve: { alias },
  test: { include: ["src/**/*.test.ts", "test/*.test.ts"], testTimeout: 30_000 },
});
