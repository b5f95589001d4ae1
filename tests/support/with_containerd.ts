import { after, before, describe } from "@std/testing/bdd";
import process from "node:process";
import {
  type ContainerdOptions,
  skipReason,
  startContainerd,
  type TestContainerd,
} from "./containerd.ts";

/**
 * A `describe` whose tests share one private containerd. Where that cannot run
 * it is skipped, and its title says what to install; with `PODSTEAD_NO_SKIP=1`
 * (continuous integration) it fails instead.
 */
export function describeWithContainerd(
  title: string,
  body: (containerd: () => TestContainerd) => void,
  options: ContainerdOptions = {},
): void {
  const reason = skipReason();
  const skip = reason !== undefined && process.env.PODSTEAD_NO_SKIP !== "1";
  describe(skip ? `${title} (skipped: ${reason})` : title, { skip }, () => {
    let containerd: TestContainerd | undefined;
    before(async () => {
      containerd = await startContainerd(options);
    });
    after(async () => {
      await containerd?.cleanUp();
    });
    body(() => {
      if (containerd === undefined) throw new Error("containerd did not start");
      return containerd;
    });
  });
}
