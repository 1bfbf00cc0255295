// Bundles the program in the folder that is named, for Node and for pages. Run by place.ts with this folder's webpack.
import webpack from "webpack";

const context = process.argv[2];
const common = { context, mode: "production", performance: { hints: false } };
webpack(
  [
    {
      ...common,
      target: "node",
      entry: { command: "./command.mjs" },
      output: { path: `${context}/out/webpack`, filename: "[name].cjs" },
    },
    {
      ...common,
      target: "web",
      entry: { page: "./page.mjs", workerpage: "./workerpage.mjs" },
      output: { path: `${context}/out/webpack`, filename: "[name].js" },
    },
  ],
  (error, stats) => {
    if (error) throw error;
    if (stats.hasErrors() || stats.hasWarnings()) {
      console.error(stats.toString());
      process.exitCode = 1;
    }
  },
);
