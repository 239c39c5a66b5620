import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    // The content security policy allows files of this origin only: nothing may become a data: address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    target: "es2023",
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "sql-editor", test: /node_modules[\\/](@codemirror|@lezer|style-mod|crelt|w3c-keyname)/ },
          ],
        },
      },
    },
  },
  worker: { format: "es" },
  test: {
    // Tests that need a page say so in their first line; most are plain functions.
    environment: "node",
    restoreMocks: true,
  },
});
