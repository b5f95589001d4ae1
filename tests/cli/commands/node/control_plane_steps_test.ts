import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import {
  controlPlaneSteps,
  makeEtcdDirectory,
} from "../../../../mod/cli/commands/node/control_plane_steps.ts";
import { configOf } from "../../../controlplane/support.ts";
import { makeTempDir } from "../../../support/temp_dir.ts";

const config = configOf({ etcd: {} });
const steps = (there: readonly string[], hasKubeconfig?: boolean) =>
  controlPlaneSteps(config, { exists: (path) => there.includes(path), hasKubeconfig });

describe("controlPlaneSteps()", () => {
  it("begins with the PKI, and ends with the kubelet", () => {
    const [first = "", second = "", ...others] = steps([], false);
    assert.match(first, /sudo podstead pki init\n/);
    assert.match(second, /--kubeconfig=\/etc\/kubernetes\/kubelet\.conf/);
    assert.match(second, /clientCAFile: \/etc\/kubernetes\/pki\/ca\.crt/);
    assert.deepEqual(others, []);
  });

  it("names the command that completes a PKI", () => {
    assert.match(steps(["/etc/kubernetes/pki/ca.crt"], true).join(), /podstead pki renew/);
  });

  it("says nothing on a node that has all, or of a kubelet that nothing is known of", () => {
    const all = ["/etc/kubernetes/pki/ca.crt", "/etc/kubernetes/kubelet.conf"];
    assert.deepEqual([steps(all, true), steps(all, undefined)], [[], []]);
  });
});

describe("makeEtcdDirectory()", () => {
  it("makes it once, for root only, and only for a local etcd", async () => {
    await using root = await makeTempDir("etcd");
    const path = join(root.path, "var/lib/etcd");
    assert.equal(makeEtcdDirectory(config, root.path), path);
    assert.equal(statSync(path).mode & 0o777, 0o700);
    assert.equal(makeEtcdDirectory(config, root.path), undefined);
    assert.equal(makeEtcdDirectory(configOf({}), root.path), undefined);
  });
});
