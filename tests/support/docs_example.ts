/** The example of `podstead add` in docs/objects.md, as tests and the demo run it. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const PAGE = fileURLToPath(new URL("../../docs/objects.md", import.meta.url));

/**
 * The text of `counter.yaml`, with an image that needs no registry.
 *
 * @param port that its container listens on: where pods are on the host's network, a free one
 */
export function counterExample(port: number): string {
  const text = /```yaml\n(# counter\.yaml\n[^]*?)```/.exec(readFileSync(PAGE, "utf8"))?.[1];
  if (text === undefined) throw new Error(`There is no counter.yaml in ${PAGE}`);
  const own = text.replaceAll("8080", String(port)).replace(
    "image: busybox:1.37",
    "image: busybox:test\n          imagePullPolicy: IfNotPresent",
  );
  if (!own.includes("busybox:test")) throw new Error("counter.yaml has another image");
  return own;
}
