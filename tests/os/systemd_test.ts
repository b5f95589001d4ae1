import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, it } from "@std/testing/bdd";
import { createNotifier, type NotifierDeps } from "../../mod/os/mod.ts";

function recorded(env: NotifierDeps["env"], fail = false) {
  const sent: string[] = [];
  const problems: string[] = [];
  const deps: NotifierDeps = {
    env,
    pid: 42,
    onProblem: (message) => problems.push(message),
    open: () =>
      Promise.resolve((message) => {
        if (fail) return Promise.reject(new Error("gone"));
        sent.push(message);
        return Promise.resolve();
      }),
  };
  return { sent, problems, deps };
}

describe("createNotifier()", () => {
  it("does nothing without NOTIFY_SOCKET", async () => {
    const { sent, deps } = recorded({ WATCHDOG_USEC: "30000000" });
    const notifier = await createNotifier(deps);
    await notifier.ready("x");
    await notifier.alive();
    assert.equal(notifier.watchdogMs, undefined);
    assert.deepEqual(sent, []);
  });

  it("sends what sd_notify(3) says, in order, statuses on one line", async () => {
    const { sent, deps } = recorded({ NOTIFY_SOCKET: "/x" });
    const notifier = await createNotifier(deps);
    await Promise.all([
      notifier.ready("Serving 3 pods"),
      notifier.status("two\n lines\nMAINPID=1"),
      notifier.alive(),
      notifier.reloading("Reloading"),
      notifier.ready("Serving 2 pods, 1 rejected"),
      notifier.stopping("Stopping"),
    ]);
    assert.deepEqual(sent, [
      "READY=1\nSTATUS=Serving 3 pods",
      "STATUS=two lines MAINPID=1",
      "WATCHDOG=1",
      "RELOADING=1\nSTATUS=Reloading",
      "READY=1\nSTATUS=Serving 2 pods, 1 rejected",
      "STOPPING=1\nSTATUS=Stopping",
    ]);
  });

  it("never throws and reports a failure once", async () => {
    const { problems, deps } = recorded({ NOTIFY_SOCKET: "/x" }, true);
    const notifier = await createNotifier(deps);
    await notifier.ready("x");
    await notifier.alive();
    assert.deepEqual(problems, ["Cannot notify the service manager: gone"]);
  });

  const watchdogs: readonly (readonly [Record<string, string>, number | undefined])[] = [
    [{ WATCHDOG_USEC: "30000000" }, 10_000],
    [{ WATCHDOG_USEC: "30000000", WATCHDOG_PID: "42" }, 10_000],
    [{ WATCHDOG_USEC: "30000000", WATCHDOG_PID: "41" }, undefined],
    [{ WATCHDOG_USEC: "0" }, undefined],
    [{}, undefined],
  ];
  for (const [env, wanted] of watchdogs) {
    it(`pings every ${wanted} ms with ${JSON.stringify(env)}`, async () => {
      const { deps } = recorded({ NOTIFY_SOCKET: "/x", ...env });
      assert.equal((await createNotifier(deps)).watchdogMs, wanted);
    });
  }
});

/** Receives datagrams with the only tool for it that a Debian surely has. */
const RECEIVER = `
import os, socket, sys
name = sys.argv[1]
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("\\0" + name[1:] if name.startswith("@") else name)
s.settimeout(20)
print("bound", flush=True)
for _ in range(int(sys.argv[2])):
    data, ancillary, _, _ = s.recvmsg(4096, 256)
    for _, kind, payload in ancillary:
        if kind == socket.SCM_RIGHTS:  # systemd-notify sends a barrier and waits for its end
            os.close(int.from_bytes(payload[:4], sys.byteorder))
    print(data.decode().replace("\\n", "|"), flush=True)
`;
import { itUnless } from "../support/unless.ts";

const SENDER = new URL("./notify_sender.ts", import.meta.url).pathname;

const has = (command: string) =>
  promisify(execFile)("sh", ["-c", `command -v ${command}`]).then(() => true, () => false);
const tools = await has("systemd-notify") && await has("python3");

describe("openNotifySocket()", () => {
  const bun = new URL("../../node_modules/.bin/bun", import.meta.url).pathname;
  for (
    const [runtime, argv] of [["Bun", [bun]], ["Deno", [
      "deno",
      "run",
      "-A",
      "--no-check",
    ]]] as const
  ) {
    for (const abstract of [false, true]) {
      const title = `reaches ${abstract ? "an abstract" : "a"} socket from ${runtime}`;
      itUnless(!tools && "needs systemd-notify and python3", title, async () => {
        const directory = await mkdtemp(join(tmpdir(), "notify-"));
        try {
          const name = abstract ? `@podstead-test-${process.pid}-${runtime}` : join(directory, "s");
          // With systemd-notify each message is followed by a barrier of its own.
          const count = runtime === "Bun" ? 2 : 4;
          const receiver = spawn("python3", ["-c", RECEIVER, name, String(count)]);
          let received = "";
          const bound = Promise.withResolvers<void>();
          receiver.stdout.on("data", (chunk) => {
            received += chunk;
            bound.resolve();
          });
          const ended = new Promise((resolve) => receiver.on("close", resolve));
          await bound.promise;
          const [command, ...args] = argv;
          await promisify(execFile)(command, [...args, SENDER], {
            env: { ...process.env, NOTIFY_SOCKET: name },
          });
          await ended;
          const lines = received.trim().split("\n").slice(1).filter((line) => line !== "BARRIER=1");
          assert.equal(lines.length, 2, received);
          assert.equal(lines[0], "READY=1|STATUS=up");
          assert.match(lines[1] ?? "", /^RELOADING=1\|/);
          assert.match(lines[1] ?? "", /STATUS=again/);
          assert.match(lines[1] ?? "", /\|MONOTONIC_USEC=\d+$/);
        } finally {
          await rm(directory, { recursive: true });
        }
      });
    }
  }
});
