/** A real browser, without a window. */
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Why pages cannot be looked at here; undefined where they can. */
export function noBrowserReason(): string | undefined {
  return findBrowser() === undefined
    ? 'no browser is installed: "apt-get install chromium"'
    : undefined;
}

function findBrowser(): string | undefined {
  return PLACES.find((path) => existsSync(path));
}

/** Starts it; it must be closed. Root's browser has no sandbox of its own: it sees test pages alone. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = findBrowser();
  if (executablePath === undefined) throw new Error(noBrowserReason());
  return await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
  });
}
