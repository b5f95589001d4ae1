/**
 * Installs what the tests and the demo need of the machine, where that is
 * possible: as root on a system with apt. Elsewhere it says what is missing.
 *
 *     deno run -A tests/support/setup.ts
 */
import { spawnSync } from "node:child_process";
import process from "node:process";
import { findProgram } from "./programs.ts";

/** Debian packages by the program that shows that they are there. */
const PACKAGES: Readonly<Record<string, string>> = {
  containerd: "containerd",
  runc: "runc",
  busybox: "busybox-static",
  openssl: "openssl",
};

/** What is missing, after installing what could be; empty when all is there. */
export function installMissing(
  packages: Readonly<Record<string, string>> = PACKAGES,
): readonly string[] {
  const missing = missingOf(packages);
  if (missing.length === 0 || process.getuid?.() !== 0 || findProgram("apt-get") === undefined) {
    return missing;
  }
  process.stderr.write(`Installing ${missing.join(" ")}\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const apt = (...args: readonly string[]) =>
    spawnSync("apt-get", args, { env, stdio: ["ignore", "ignore", "inherit"] }).status === 0;
  const install = () => apt("install", "-y", "-q", "--no-install-recommends", ...missing);
  // A machine without package lists, or with old ones, needs them first.
  if (!install()) {
    apt("update", "-q");
    install();
  }
  return missingOf(packages);
}

function missingOf(packages: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(packages)
    .filter(([program]) => findProgram(program) === undefined)
    .map(([, name]) => name);
}

if (import.meta.main) {
  const missing = installMissing();
  if (missing.length > 0) {
    process.stderr.write(
      `Not installed: ${missing.join(" ")}; tests that need them are skipped ` +
        `(as root: apt-get install ${missing.join(" ")})\n`,
    );
  }
}
