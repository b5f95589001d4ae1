import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { DEFAULT_CONFIG_PATH } from "../../shell/globals.ts";
import { defaultEndpointSettings, endpointSettings, readToken } from "./install_settings.ts";

interface KubeletConfigFlags {
  readonly flags: boolean;
}

export const kubeletConfigCommand = defineCommand<KubeletConfigFlags>({
  docs: {
    brief: "Print the kubelet settings that point it at podstead",
    fullDescription: [
      "Prints a KubeletConfiguration with staticPodURL, staticPodURLHeader (where the config",
      "has a token file) and httpCheckFrequency: 1s, for the kubelet's --config-dir, or to be",
      'added to its --config file. "podstead install" puts it into place by itself.',
    ].join("\n"),
  },
  parameters: {
    flags: {
      flags: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Print command line flags instead, for a kubelet without a config file",
      },
    },
  },
  examples: [[
    "podstead kubelet-config > /etc/kubernetes/kubelet.conf.d/90-podstead.conf",
    "link a kubelet by hand; restart it afterwards",
  ]],
  async func(this: CliContext, { flags }) {
    const { kubeletConfiguration, kubeletFlags } = await import("../../../install/mod.ts");
    const settings = await endpointSettings(this.globals.config ?? DEFAULT_CONFIG_PATH) ??
      await defaultEndpointSettings();
    const { url, tokenFile } = settings;
    const token = tokenFile === undefined ? undefined : await readToken("/", tokenFile);
    const source = { url, token };
    this.world.stdout.write(
      flags ? `${kubeletFlags(source).join("\n")}\n` : kubeletConfiguration(source),
    );
  },
});
