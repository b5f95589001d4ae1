/** Command lines that mean harm, or nothing: always an exit code and words, never a stack. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import process from "node:process";
import { cli } from "../../mod/cli/mod.ts";
import { makeTempDir } from "../support/temp_dir.ts";
import { textWorld } from "../support/world.ts";
import { fuzz, pick } from "./fuzz.ts";

/** What only reads, or asks an agent that is not there. */
const COMMANDS = [
  "",
  "overview",
  "health",
  "get",
  "describe",
  "events",
  "containers",
  "logs",
  "services",
  "stats",
  "inspect",
  "images",
  "validate",
  "explain",
  "render",
  "diff",
  "history",
  "version",
  "help",
  "completion",
  "apply",
  "patch",
  "set",
  "remove",
  "stop",
  "start",
  "rollback",
  "confirm",
  "cancel",
  "reload",
  "pull",
  "restart",
  "support",
  "doctor",
  "top",
  "exec",
  "add",
  "nodes",
  "rollout",
  "kubelet-config",
  "credential-provider",
  "dial-stdio",
]; // deno-fmt-ignore

const WORDS = [
  "-o", "json", "yaml", "wide", "jsonpath={.items[*].metadata.name}", "-k", "-n", "-A", "-l", "a=b",
  "--tail", "5", "--since", "1h", "--grep", "(a|b)*", "--wait=1s", "--dry-run", "--yes", "-p", "{}",
  "--config", "none.yaml", "--help", "--version", "staticpods", "default/web", "web:c", "image",
  "web=nginx:1", "--", "-", "--no-color", "bash", "spec.containers", "-f", "--if-revision",
]; // deno-fmt-ignore

describe("hostile command lines", () => {
  it("end with an exit code and a sentence", async () => {
    await using directory = await makeTempDir("arguments");
    const cwd = process.cwd();
    process.chdir(directory.path);
    try {
      await fuzz({
        corpus: WORDS,
        share: 0.5,
        take: async (input, random) => {
          const words = Array.from({ length: random(5) }, () => pick(WORDS, random));
          const strange = new TextDecoder().decode(input).replaceAll("\0", "").slice(0, 4_000);
          words.splice(random(words.length + 1), 0, strange);
          const command = pick(COMMANDS, random);
          const world = textWorld({
            env: { PODSTEAD_SOCKET: `${directory.path}/none.sock` },
            interrupted: AbortSignal.timeout(5_000),
          });
          const code = await cli(command === "" ? words : [command, ...words], world);
          const { stderr } = world.written;
          assert.ok(Number.isInteger(code) && code >= 0 && code <= 130, `${code}`);
          assert.doesNotMatch(stderr, /^\s+at .*:\d+:\d+\)?$/m);
          if (code !== 0) assert.notEqual(stderr + world.written.stdout, "", words.join(" "));
        },
      });
    } finally {
      process.chdir(cwd);
    }
  });
});
