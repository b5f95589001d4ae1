import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { execStream, execSync, exitCodeOf, stopContainer } from "../../mod/cri/mod.ts";
import { runPod } from "../support/cri_pod.ts";
import { describeWithContainerd } from "../support/with_containerd.ts";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe("exitCodeOf()", () => {
  it("reads success and exit codes", () => {
    assert.equal(exitCodeOf('{"status":"Success"}'), 0);
    assert.equal(
      exitCodeOf(
        '{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"137"}]}}',
      ),
      137,
    );
  });
  for (const status of ['{"status":"Failure","message":"no"}', "no"]) {
    it(`refuses ${status}`, () => assert.throws(() => exitCodeOf(status), /Exec failed: no/));
  }
});

describeWithContainerd("exec", (containerd) => {
  let containerId = "";

  it("execSync() collects output and exit code", async () => {
    const pod = await runPod(containerd(), { name: "exec", containers: [{ name: "main" }] });
    containerId = pod.containerIds[0] ?? "";
    const result = await execSync(containerd().runtime, {
      containerId,
      command: ["sh", "-c", 'echo "$0 $1"; echo err >&2; exit 7', "a b", "c"],
      timeoutMs: 60_000,
    });
    assert.equal(text(result.stdout), "a b c\n");
    assert.equal(text(result.stderr), "err\n");
    assert.equal(result.exitCode, 7);
  });

  it("execSync() says that there is no such program", async () => {
    await assert.rejects(
      execSync(containerd().runtime, { containerId, command: ["nope"], timeoutMs: 60_000 }),
      /Cannot run "nope" in the container: there is no such program in it/,
    );
  });

  it("execSync() ends what takes too long", async () => {
    await assert.rejects(
      execSync(containerd().runtime, { containerId, command: ["sleep", "60"], timeoutMs: 1000 }),
      /"sleep" did not end within 1s/,
    );
  });

  it("execStream() connects the standard streams", async () => {
    let stdout = "";
    let stderr = "";
    const exitCode = await execStream(containerd().runtime, {
      containerId,
      command: ["sh", "-c", "read line; echo got $line; echo err >&2; exit 9"],
      tty: false,
      stdin: lines("hello\n"),
      onStdout: (data) => (stdout += text(data)),
      onStderr: (data) => (stderr += text(data)),
    });
    assert.equal(stdout, "got hello\n");
    assert.equal(stderr, "err\n");
    assert.equal(exitCode, 9);
  });

  it("execStream() gives a terminal of the size that was asked for, and its end of input", async () => {
    let stdout = "";
    const exitCode = await execStream(containerd().runtime, {
      containerId,
      command: ["sh", "-c", 'test -t 0 && echo "a terminal"; cat'],
      tty: true,
      stdin: lines("typed\n"),
      sizes: sizes(),
      onStdout: (data) => (stdout += text(data)),
      onStderr: () => assert.fail("a terminal has one output"),
    });
    assert.match(stdout, /a terminal\r\n/);
    assert.match(stdout, /typed\r\n/);
    assert.equal(exitCode, 0);
  });

  it("execStream() loses nothing of a large output", async () => {
    let length = 0;
    const exitCode = await execStream(containerd().runtime, {
      containerId,
      command: ["sh", "-c", "yes 0123456789abcde | head -n 200000"],
      tty: false,
      onStdout: (data) => (length += data.length),
      onStderr: () => {},
    });
    assert.equal(exitCode, 0);
    assert.equal(length, 200_000 * 16);
  });

  it("execStream() ends when it is aborted", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const running = execStream(containerd().runtime, {
      containerId,
      command: ["sh", "-c", "echo started; sleep 60"],
      tty: false,
      signal: controller.signal,
      onStdout: () => controller.abort(reason),
      onStderr: () => {},
    });
    await assert.rejects(running, reason);
  });

  it("execStream() says that there is no such program", async () => {
    await assert.rejects(
      execStream(containerd().runtime, {
        containerId,
        command: ["nope"],
        tty: false,
        onStdout: () => {},
        onStderr: () => {},
      }),
      /Cannot run "nope" in the container: there is no such program in it/,
    );
  });

  it("says that the container does not run", async () => {
    await stopContainer(containerd().runtime, containerId, { graceMs: 5000 });
    await assert.rejects(
      execSync(containerd().runtime, { containerId, command: ["true"], timeoutMs: 60_000 }),
      /the container does not run/,
    );
  });
});

async function* lines(...all: string[]): AsyncIterable<Uint8Array> {
  for (const line of all) yield await Promise.resolve(new TextEncoder().encode(line));
}

async function* sizes() {
  yield await Promise.resolve({ columns: 132, rows: 43 });
}
