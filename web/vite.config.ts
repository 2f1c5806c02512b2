// SPDX-License-Identifier: Apache-2.0
import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vitest/config";

// Scripts and styles find each other by relative URLs, so they work below any prefix. Only index.html is
// served at many depths (`/ui/`, `/ui/main/audit`), so its own links are absolute; a server that answers
// under a prefix replaces `="/ui/` in it (README.md, "What the server does").
const absoluteLinksInIndex = {
  name: "daybook-absolute-links",
  enforce: "post" as const,
  transformIndexHtml: {
    order: "post" as const,
    handler: (html: string) => html.replaceAll('="./', '="/ui/'),
  },
};

export default defineConfig(({ command }) => ({
  base: command === "build" ? "./" : "/ui/",
  plugins: [vue(), absoluteLinksInIndex],
  build: {
    target: "es2022",
    assetsInlineLimit: 0, // The content security policy refuses data: URLs.
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 600,
  },
  server: {
    fs: { allow: [".."] }, // The proof tests read the vectors of the repository.
    proxy: { "/api": "http://127.0.0.1:7411", "/tlog": "http://127.0.0.1:7411" },
  },
  test: { environment: "happy-dom", include: ["tests/**/*.test.ts"] },
}));
