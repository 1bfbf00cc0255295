// Writes json/schema.json from the forms of json/. A test finds it out of date.
import { writeFileSync } from "node:fs";
import prettier from "prettier";
import { jsonSchema } from "../json/index.ts";

const file = "json/schema.json";
const options = await prettier.resolveConfig(file);
const text = await prettier.format(JSON.stringify(jsonSchema()), { ...options, parser: "json" });
writeFileSync(file, text);
console.log(`${file}: ${text.length} characters`);
