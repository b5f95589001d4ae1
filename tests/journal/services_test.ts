import assert from "node:assert/strict";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "@std/testing/bdd";
import { type Command, listServices, unitName } from "../../mod/journal/mod.ts";

const fixture = new URL("../../fixtures/journal/systemctl-show.txt", import.meta.url).pathname;

async function withScript(script: string, use: (command: Command) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "podstead-systemctl-"));
  const path = join(directory, "systemctl");
  try {
    await writeFile(path, `#!/bin/sh\n${script}\n`);
    await chmod(path, 0o755);
    await use([path]);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

describe("listServices()", () => {
  it("reads what systemctl shows", async () => {
    await withScript(`cat ${fixture}`, async (systemctl) => {
      const nowMs = 1_800_000_000_000;
      const services = await listServices(undefined, { systemctl, nowMs, uptimeMs: 3_600_000 });
      assert.deepEqual(services, [
        {
          unit: "kubelet.service",
          description: "kubelet: The Kubernetes Node Agent",
          load: "loaded",
          active: "activating",
          sub: "auto-restart",
          enabled: "enabled",
          pid: undefined,
          restarts: 12,
          memoryBytes: undefined,
          sinceMs: nowMs - 3_600_000 + 3_540_000,
          result: "exit-code",
          exitCode: 1,
        },
        {
          unit: "containerd.service",
          description: "containerd container runtime",
          load: "loaded",
          active: "active",
          sub: "running",
          enabled: "enabled",
          pid: 812,
          restarts: 0,
          memoryBytes: 64_225_280,
          sinceMs: nowMs - 3_600_000 + 9_000,
          result: "success",
          exitCode: undefined,
        },
        {
          unit: "podstead.service",
          description: "podstead.service",
          load: "not-found",
          active: "inactive",
          sub: "dead",
          enabled: "",
          pid: undefined,
          restarts: 0,
          memoryBytes: undefined,
          sinceMs: undefined,
          result: "success",
          exitCode: 0,
        },
      ]);
    });
  });

  it("asks for the units by their full names", async () => {
    const script = 'for a in "$@"; do printf "Id=%s\\n\\n" "$a"; done';
    await withScript(script, async (systemctl) => {
      const asked = (await listServices(["kubelet", "docker.socket"], { systemctl }))
        .map((service) => service.unit);
      assert.deepEqual(asked.slice(-3), ["--", "kubelet.service", "docker.socket"]);
    });
  });

  it("says that there is no systemctl, no systemd, or what it says", async () => {
    await assert.rejects(listServices(undefined, { systemctl: ["/nonexistent/systemctl"] }), {
      message: "Cannot list services: this machine has no systemctl",
    });
    const notBooted = "echo 'System has not been booted with systemd as init system' >&2; exit 1";
    await withScript(notBooted, async (systemctl) => {
      await assert.rejects(listServices(undefined, { systemctl }), {
        message: "Cannot list services: this machine does not run systemd",
      });
    });
    await withScript("echo 'Access denied' >&2; exit 4", async (systemctl) => {
      await assert.rejects(listServices(undefined, { systemctl }), {
        message: "Cannot list services: Access denied",
      });
    });
  });
});

describe("unitName()", () => {
  it("takes a bare name for a service", () => {
    assert.equal(unitName("kubelet"), "kubelet.service");
    assert.equal(unitName("kubelet.service"), "kubelet.service");
    assert.equal(unitName("getty@tty1"), "getty@tty1.service");
    assert.equal(unitName("a.b"), "a.b.service");
    assert.equal(unitName("docker.socket"), "docker.socket");
  });
});
