// One script, without a hash in its name: the server names its content by a tag. The same sources give the same bytes.
import { defineConfig } from "vite";

export default defineConfig({
  build: {
    target: "es2022",
    outDir: "../crates/surety-site/assets",
    emptyOutDir: false,
    modulePreload: false,
    reportCompressedSize: false,
    lib: { entry: "src/main.ts", formats: ["es"], fileName: () => "site.js" },
  },
});
