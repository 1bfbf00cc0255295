// Type-checked rules for everything in TypeScript; assembly/ is AssemblyScript and left to its compiler.
import { existsSync } from "node:fs";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

// What bindings/ may take from its host: these, and ECMAScript itself. Engines, workers and pages have them all.
const hostGlobals = ["WebAssembly", "crypto", "TextEncoder", "TextDecoder", "FinalizationRegistry"];

// With dependencies of their own: they can be linted where those are installed.
const apart = ["interop/grpc", "interop/tsmls"];
const installed = apart.filter((folder) => existsSync(`${folder}/node_modules`));

export default defineConfig(
  globalIgnores([
    ...apart.filter((folder) => !installed.includes(folder)),
    "assembly",
    "bench/rivals",
    "interop/peers",
    "bindings/core/generated",
    "build",
    "coverage",
    "dist",
    ".cache",
  ]),
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ["./tsconfig.tools.json", ...installed.map((folder) => `./${folder}/tsconfig.json`)],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: "error",
      "prefer-const": "error",
      "no-console": "off",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      // `array[i]!` where a bound has just been checked reads better than a branch that cannot happen.
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/no-confusing-void-expression": "off",
      // A constructor that only makes the parent's protected one public is not useless.
      "@typescript-eslint/no-useless-constructor": "off",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
    },
  },
  {
    files: ["bindings/**/*.ts"],
    languageOptions: {
      // Without the DOM among the known globals, no-undef refuses whatever is not on the list.
      parserOptions: { lib: ["es2023", "esnext.disposable"] },
      globals: Object.fromEntries(hostGlobals.map((name) => [name, "readonly"])),
    },
    rules: {
      "no-undef": "error",
      "no-console": "error",
      "no-restricted-globals": [
        "error",
        { name: "globalThis", message: "Name the global itself, so that the list of host globals stays complete." },
      ],
      "no-restricted-imports": ["error", { patterns: ["node:*"] }],
      "no-restricted-syntax": [
        "error",
        { selector: "ThrowStatement > NewExpression[callee.name='Error']", message: "Throw a class of errors.ts." },
      ],
    },
  },
  {
    files: ["bindings/**/*.ts"],
    ignores: ["bindings/core/**"],
    rules: { "no-restricted-globals": ["error", "globalThis", "WebAssembly"] },
  },
  {
    // They run in browsers as well; files and command lines are the command's.
    files: ["json/**/*.ts", "vectors/**/*.ts"],
    rules: {
      "no-restricted-imports": ["error", { patterns: ["node:*"] }],
      "no-restricted-globals": ["error", "Buffer", "process"],
    },
  },
  {
    files: ["test/**/*.ts"],
    rules: {
      // Tests read JSON and hand over wrong kinds of arguments on purpose.
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-return": "off",
      "@typescript-eslint/restrict-plus-operands": "off",
      // How a secret prints itself is one of the things to test.
      "@typescript-eslint/restrict-template-expressions": "off",
      // `loadVectors<T>` names the form of the file that the test is about to read.
      "@typescript-eslint/no-unnecessary-type-parameters": "off",
    },
  },
  {
    files: ["**/*.mjs", "**/*.cjs"],
    extends: [tseslint.configs.recommended],
    rules: { eqeqeq: "error", "prefer-const": "error" },
  },
);
