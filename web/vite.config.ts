import { defineConfig } from "vite";

// What the browser gets: hashed files in assets/ and one index.html. Nothing is inlined, because
// the server's Content-Security-Policy allows what comes from 'self' and nothing else.
export default defineConfig({
  build: {
    target: "es2023",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 400,
  },
  // `npm run dev` shows the sources as they are, against a server of this machine.
  server: { proxy: { "/api": "http://127.0.0.1:8002", "/health": "http://127.0.0.1:8002" } },
});
