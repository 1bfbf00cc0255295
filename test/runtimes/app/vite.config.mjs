export default {
  logLevel: "error",
  base: "./",
  build: {
    outDir: "out/vite",
    target: "es2022",
    rollupOptions: { input: ["page.html", "workerpage.html", "readme.html"] },
  },
};
