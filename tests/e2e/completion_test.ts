/** The Tab key in real shells, on real terminals, with a made-up agent. */
import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { type FakeAgent, startFakeAgent } from "../support/fake_agent.ts";
import { podsteadCommand, runPodstead } from "../support/node.ts";
import { podsWith, storyHandlers } from "../support/node_story.ts";
import { findProgram } from "../support/programs.ts";
import { makeTempDir, type TempDir } from "../support/temp_dir.ts";
import { Terminal } from "../support/tmux.ts";

/** How each shell is started without anybody's own settings, and how it reads a script. */
const SHELLS = [
  { shell: "bash", command: "bash --norc --noprofile", setUp: (file: string) => `source ${file}` },
  {
    shell: "zsh",
    command: "zsh -f",
    setUp: (file: string) => `autoload -Uz compinit; compinit -u -D; source ${file}`,
  },
  { shell: "fish", command: "fish --no-config", setUp: (file: string) => `source ${file}` },
] as const;

/** What is typed before the Tab key → what is on the line, or below it, then. */
const TABS: readonly (readonly [typed: string, shows: RegExp])[] = [
  ["podstead supp", /podstead support/],
  ["podstead describe ngi", /podstead describe nginx/],
  ["podstead logs worker", /podstead logs worker-1/],
  ["podstead events ngi", /podstead events nginx/],
  ["podstead get pods -o cust", /podstead get pods -o custom-columns=/],
  ["podstead completion fi", /podstead completion fish/],
];

for (const { shell, command, setUp } of SHELLS) {
  const missing = ["tmux", shell].filter((program) => findProgram(program) === undefined);
  const skip = missing.length > 0 && process.env.PODSTEAD_NO_SKIP !== "1";
  const title = `completion in ${shell}`;
  describe(skip ? `${title} (skipped: needs ${missing.join(", ")})` : title, { skip }, () => {
    let agent: FakeAgent;
    let directory: TempDir;
    before(async () => {
      agent = await startFakeAgent(storyHandlers(podsWith(1)));
      directory = await makeTempDir("shell");
      const { stdout } = await runPodstead(["completion", shell]);
      writeFileSync(join(directory.path, "_podstead"), stdout);
      const program = join(directory.path, "podstead");
      const line = podsteadCommand().map((word) => `'${word}'`).join(" ");
      writeFileSync(program, `#!/bin/sh\nexec ${line} "$@"\n`);
      chmodSync(program, 0o755);
    });
    after(async () => {
      await agent[Symbol.asyncDispose]();
      await directory.remove();
    });

    for (const [typed, shows] of TABS) {
      it(`completes "${typed}"`, async () => {
        // Not among the terminal's variables: tmux takes the path of its own client.
        using terminal = new Terminal(`PATH='${directory.path}':"$PATH" ${command}`, {
          columns: 100,
          rows: 30,
          env: { PODSTEAD_SOCKET: agent.socket, HOME: directory.path },
        });
        terminal.type(setUp(join(directory.path, "_podstead")), "Enter");
        terminal.type("echo set-''up", "Enter");
        await terminal.until("the script is read", (screen) => /^set-up$/m.test(screen));
        terminal.type(...typed.split(/(?<= )|(?= )/).map((word) => word === " " ? "Space" : word));
        terminal.type("Tab");
        assert.match(await terminal.until(String(shows), (screen) => shows.test(screen)), shows);
      });
    }
  });
}
