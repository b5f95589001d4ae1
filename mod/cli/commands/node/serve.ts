import { DEFAULT_CONFIG_PATH } from "../../shell/globals.ts";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";

interface ServeFlags {
  readonly stateDir?: string;
}

export const serveCommand = defineCommand<ServeFlags>({
  docs: {
    brief: "Run the agent in the foreground",
    fullDescription: [
      "Serves the config's pods to the kubelet until SIGTERM or SIGINT. SIGHUP applies the",
      "config again. With a config that cannot be used it serves what it served last.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      stateDir: {
        kind: "parsed",
        parse: String,
        optional: true,
        brief: "Where the state is, also when the config is broken (default: agent.stateDir)",
        placeholder: "DIR",
      },
    },
  },
  examples: [
    ["sudo podstead serve --config ./node.yaml", "run it by hand; a service does it on a node"],
  ],
  async func(this: CliContext, flags) {
    const { serve } = await import("../../../serve/mod.ts");
    await serve({
      configPath: this.globals.config ?? DEFAULT_CONFIG_PATH,
      socket: this.globals.socket,
      stateDir: flags.stateDir ?? this.world.env.STATE_DIRECTORY,
      env: this.world.env,
      writeLog: (line) => {
        try {
          this.world.stderr.write(line);
        } catch {
          // The log is no longer read; that is no reason to leave the pods alone.
        }
      },
      clock: this.world.clock,
    });
  },
});
