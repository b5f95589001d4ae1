/** What a kubelet with an API server made of `fixtures/objects`, and where podstead may differ. */
import { readFileSync } from "node:fs";
import { type ContainerView, type MountView, WAITING } from "./container_view.ts";

/** `fixtures/objects/kubelet.json`; its README says how it was read. */
export interface Golden {
  /** Kubernetes' version. */
  readonly kubernetes: string;
  /** The containers of `rows.yaml`, by their marks. */
  readonly before: Readonly<Record<string, ContainerView>>;
  /** Those whose objects `changes.yaml` changed, after their files had. */
  readonly after: Readonly<Record<string, ContainerView>>;
  /** The pods of `refused.yaml`: what the kubelet or the runtime said of each. */
  readonly refused: Readonly<Record<string, string>>;
}

const FIXTURES = new URL("../../fixtures/objects/", import.meta.url);

/** What was read. */
export function readGolden(): Golden {
  return JSON.parse(readFileSync(new URL("kubelet.json", FIXTURES), "utf8"));
}

/** A file of `fixtures/objects` with a command in the place of WAIT. */
export function objectsFixture(name: "rows.yaml" | "changes.yaml" | "refused.yaml"): string {
  const command = WAITING.map((word) => JSON.stringify(word)).join(", ");
  return readFileSync(new URL(name, FIXTURES), "utf8").replaceAll("[WAIT,", () => `[${command},`);
}

/** The marks of the containers in such a file. */
export function marksIn(text: string): ReadonlySet<string> {
  return new Set(Array.from(text.matchAll(/wait \$!", ([a-z-]+\/[a-z]+)/g), ([, mark]) => mark!));
}

const NOTED_BY_KUBELET = /\\nkubernetes\.io\/config\.[a-z]+=\\"[^"\\]*\\"/g;

/**
 * A view without what differs for a reason:
 *
 * - `PATH`, `HOME` and `HOSTNAME` come from the image and the runtime
 * - `KUBERNETES_…` are the address of the API server: a node without one has none
 * - names that begin with a digit are left out: not every kubelet takes them, and what is served
 *   must not depend on its version
 * - the kubelet has ConfigMaps on the disk; podstead has all volumes in one place, by default /run
 * - a static pod's name ends with its node's
 * - the kubelet notes in a pod's annotations when it saw the pod, and where
 */
export function withoutExceptions(view: ContainerView, nodeName: string): ContainerView {
  return {
    ...view,
    env: view.env.filter((line) =>
      !/^(PATH=|HOME=|KUBERNETES_|\d)/.test(line) && !/^HOSTNAME=(?!mine$)/.test(line)
    ),
    mounts: Object.fromEntries(
      Object.entries(view.mounts).map(([path, mount]): [string, MountView] => [path, {
        ...mount,
        on: "disk",
        entries: mount.entries.map((entry) =>
          entry.replace(`-${nodeName}"`, '"').replaceAll(NOTED_BY_KUBELET, "")
        ),
      }]),
    ),
  };
}
