import { readFileSync, writeFileSync } from "node:fs";

/**
 * Environment variables that make any executable of Bun's run other code than
 * its own: an interpreter of whatever its arguments name, a module loaded
 * first, a debugger that waits for orders. A name stands for all that begin with it.
 */
const CODE_VARIABLES = ["BUN_BE_BUN", "BUN_OPTIONS", "BUN_INSPECT"];

/**
 * Takes these variables out of a compiled executable, because Bun has no
 * option for it: their names get a first byte that no environment can contain.
 *
 * @throws if a name is not found, as another version of Bun may read it otherwise
 */
export function sealEnvironment(executable: string): void {
  const content = readFileSync(executable);
  for (const name of CODE_VARIABLES) {
    const places = placesOf(content, name);
    if (places.length === 0) throw new Error(`Cannot take ${name} out of "${executable}"`);
    for (const place of places) content[place] = 0;
  }
  writeFileSync(executable, content);
}

/** Where the name stands, but for Bun's own JavaScript (`process.env.NAME`): that would break. */
function placesOf(content: Buffer, name: string): readonly number[] {
  const places: number[] = [];
  for (let at = content.indexOf(name); at !== -1; at = content.indexOf(name, at + 1)) {
    if (content[at - 1] !== ".".charCodeAt(0)) places.push(at);
  }
  return places;
}
