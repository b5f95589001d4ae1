import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { CONTAINER, rulesOn, warningsOn } from "./found.ts";

const hostPath = (path: string) => ({
  volumes: [{ name: "v", hostPath: { path, type: "Directory" } }],
});
const mountPath = (path: string) => ({
  containers: [{ ...CONTAINER, volumeMounts: [{ name: "v", mountPath: path }] }],
  volumes: [{ name: "v", emptyDir: {} }],
});

describe("judge() warnings on host paths", () => {
  for (
    const path of ["loki", "./data", "~/conf", "~user/x", "~", "$HOME/w", "/srv/${X}", "C:\\x"]
  ) {
    it(`name ${path}`, () =>
      assert.deepEqual(rulesOn(hostPath(path)), [
        "host-path-not-absolute spec.volumes[0].hostPath.path",
      ]));
  }
  for (const path of ["/srv/data", "/", "/srv/a~b", "/srv/x:y"]) {
    it(`do not name ${path}`, () => assert.deepEqual(rulesOn(hostPath(path)), []));
  }
});

describe("judge() warnings on mounts", () => {
  for (const option of ["Z", "z", "ro", "rw", "ro,Z", "U", "rshared", "noexec,nodev"]) {
    it(`name podman's :${option}`, () => {
      const names = rulesOn(mountPath(`/etc/loki:${option}`));
      assert.deepEqual(names, [
        "mount-path-options spec.containers[0].volumeMounts[0].mountPath",
      ]);
    });
  }

  it("say what to write instead", () => {
    const [warning] = warningsOn(mountPath("/etc/loki:ro,Z"));
    assert.match(warning?.hint ?? "", /"\/etc\/loki" and readOnly: true.*SELinux/);
  });

  it("name a relative path and a variable", () => {
    for (const path of ["conf", "$HOME/x"]) {
      assert.deepEqual(rulesOn(mountPath(path)), [
        "mount-path-not-absolute spec.containers[0].volumeMounts[0].mountPath",
      ]);
    }
    assert.deepEqual(rulesOn(mountPath("C:\\data")), []);
  });
});
