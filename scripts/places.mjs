// Where things outside the repository may be found: the public test vectors and a Chromium.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The ignored cache that `npm run vectors:fetch` fills. */
export const vectorCache = `${root}.cache/vectors`;

/**
 * The directory of the public test vectors: MLS_VECTORS_DIR, else `../shared/vectors` beside the
 * checkout, else the cache.
 * @returns {string | undefined}
 */
export function findVectors() {
  const places = [process.env["MLS_VECTORS_DIR"], `${root}../shared/vectors`, vectorCache];
  return places.find((place) => place !== undefined && existsSync(place));
}

/**
 * A Chromium to run the browser tests in: CHROMIUM_PATH, else the usual places.
 * @returns {string | undefined}
 */
export function findChromium() {
  const places = [
    process.env["CHROMIUM_PATH"],
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  ];
  return places.find((place) => place !== undefined && existsSync(place));
}

/**
 * A Firefox to try the package in: FIREFOX_PATH, else the usual places.
 * @returns {string | undefined}
 */
export function findFirefox() {
  const places = [
    process.env["FIREFOX_PATH"],
    "/usr/bin/firefox-esr",
    "/usr/bin/firefox",
    "/Applications/Firefox.app/Contents/MacOS/firefox",
  ];
  return places.find((place) => place !== undefined && existsSync(place));
}
