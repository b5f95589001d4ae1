/**
 * podstead on real systemds: a Debian each is made with debootstrap and booted
 * with systemd-nspawn, containerd and a kubelet stand-in in it. Where that cannot
 * be done the suite is skipped, and its name says why.
 */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { after, before, describe, it } from "@std/testing/bdd";
import { errorText } from "../../mod/core/mod.ts";
import { LAYOUT } from "../../mod/install/mod.ts";
import { eventually } from "../support/eventually.ts";
import {
  addKubelet,
  buildPackages,
  compileKubelet,
  compilePodstead,
  makeRoot,
  missingProgram,
  type NodeKind,
  whyNoMachine,
} from "./image.ts";
import { Machine } from "./machine.ts";

const RELEASES = ["bookworm", "trixie"] as const;

/** Where everything of this run is; what both machines need is made once. */
const base = await mkdtemp("/var/tmp/podstead-systemd-");
const packages = join(base, "packages");
const standIn = join(base, "kubelet-stand-in");
const reason = await prepare();
const skip = reason !== undefined;
if (skip) await rm(base, { recursive: true, force: true });

/** Makes the roots. @returns why there are none: this machine cannot have them */
async function prepare(): Promise<string | undefined> {
  // In continuous integration the programs are installed before: there it is a mistake.
  if (process.env.PODSTEAD_NO_SKIP === "1") assert.equal(missingProgram(), undefined);
  const why = await whyNoMachine();
  if (why !== undefined) return why;
  const made = await Promise.all(RELEASES.map(async (release) => {
    mkdirSync(join(base, release));
    try {
      await makeRoot(release, join(base, release));
      return undefined;
    } catch (error) {
      return `debootstrap ${release} does not work here: ${errorText(error).slice(0, 200)}`;
    }
  }));
  return made.find((problem) => problem !== undefined);
}

const POD = `apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  hostNetwork: true
  containers:
    - name: web
      image: docker.io/library/nginx:latest
      imagePullPolicy: IfNotPresent
`;
const POD_FILE = `${LAYOUT.podsDirectory}/web.yaml`;

/** A machine of one release, made and booted before its tests. */
function onMachine(
  release: typeof RELEASES[number],
  kind: NodeKind,
  title: string,
  body: (machine: () => Machine) => void,
): void {
  describe(`${title} (${release}, ${kind})`, { skip }, () => {
    const root = join(base, release);
    let machine: Machine | undefined;
    before(async () => {
      addKubelet(root, kind, standIn);
      cpSync(packages, join(root, "srv"), { recursive: true });
      machine = await Machine.boot(root);
      await machine.ok("ctr -n k8s.io image import /root/images.tar");
    });
    after(async () => {
      await machine?.powerOff();
      await rm(root, { recursive: true, force: true });
    });
    body(() => {
      if (machine === undefined) throw new Error("The machine did not boot");
      return machine;
    });
  });
}

/** The ID of the running container of the pod, as the runtime knows it. */
async function containerId(machine: Machine): Promise<string> {
  return await eventually(async () => {
    const id = await machine.ok(
      "podstead containers -k -o " +
        `'jsonpath={.items[*].containers[?(@.state=="CONTAINER_RUNNING")].id}'`,
    );
    assert.match(id, /^[0-9a-f]{64}$/, await machine.ok("journalctl -u kubelet -o cat -n 20"));
    return id;
  });
}

/** What the kubelet gets when it asks. */
async function servedHash(machine: Machine): Promise<string> {
  return await machine.ok(
    `podstead get staticpods -o jsonpath='{.items[*].status.hash}'`,
  );
}

async function statusText(machine: Machine): Promise<string> {
  return await machine.property("podstead.service", "StatusText");
}

/** Every file of podstead that is anywhere on the machine's disk. */
async function leftOvers(machine: Machine): Promise<string> {
  return await machine.ok(
    "find / -xdev \\( -path /proc -o -path /srv -o -path /var/log -o -path /var/lib/dpkg \\) -prune " +
      "-o -name '*podstead*' -print; getent group podstead podstead-read || true",
  );
}

const suite = `podstead under systemd${skip ? ` (skipped: ${reason})` : ""}`;

describe(suite, { skip }, () => {
  before(async () => {
    const executable = join(base, "podstead");
    await compilePodstead(executable);
    await compileKubelet(standIn);
    // The old version, and in a directory of its own the one to upgrade to.
    await buildPackages(packages, executable, "1.0.0");
    await buildPackages(join(packages, "new"), executable, "1.0.1");
  });
  after(async () => {
    await rm(base, { recursive: true, force: true });
  });

  onMachine("bookworm", "kubelet-only", "the Debian package", (machine) => {
    it("installs on a clean system, enabled and ready, and waits for the kubelet's link", async () => {
      await machine().ok("cd /srv && dpkg -i podstead_*.deb");
      assert.equal(await machine().ok("systemctl is-enabled podstead"), "enabled");
      assert.equal(await machine().ok("systemctl is-active podstead"), "active");
      assert.match(await machine().ok("systemctl status podstead"), /Status: "0 pods served/);
      assert.match(await machine().ok("podstead get configstatus"), /RESULT\n.* unchanged$/);
      assert.match(
        await machine().ok("podstead get staticpodserverstatus"),
        /http:\/\/127\.0\.0\.1:261\/manifests$/,
      );
      assert.equal(
        await machine().ok(
          "stat -c '%a %U:%G %n' /etc/podstead /etc/podstead/config.yaml /etc/podstead/manifest-token" +
            " /var/lib/podstead /run/podstead/admin.sock /run/podstead/read.sock",
        ),
        [
          "750 root:podstead /etc/podstead",
          "640 root:podstead /etc/podstead/config.yaml",
          "600 root:root /etc/podstead/manifest-token",
          "700 root:root /var/lib/podstead",
          "660 root:podstead /run/podstead/admin.sock",
          "660 root:podstead-read /run/podstead/read.sock",
        ].join("\n"),
      );
    });

    it("has a unit that systemd-analyze has nothing against, with an exposure of 2.0", async () => {
      const verified = await machine().run(
        "systemd-analyze verify --man=no podstead.service podstead.socket",
      );
      assert.deepEqual(verified, { code: 0, stdout: "", stderr: "" });
      const report = await machine().ok("systemd-analyze security --no-pager podstead.service");
      const exposure = /exposure level for podstead\.service: ([\d.]+)/.exec(report)?.[1];
      // deno-lint-ignore no-console -- the figure is asked for in the log of every run
      console.log(`systemd-analyze security: exposure ${exposure}`);
      assert.ok(Number(exposure) <= 2, report);
    });

    it("links a kubelet that reads drop-ins with one command, and changes nothing twice", async () => {
      const dryRun = await machine().ok("podstead install --dry-run || [ $? = 2 ]");
      assert.match(
        dryRun,
        /create {2}\/etc\/kubernetes\/kubelet\.conf\.d\/90-podstead\.conf \(0600/,
      );
      assert.equal(await machine().ok("ls /etc/kubernetes/kubelet.conf.d"), "");
      await machine().ok("podstead install");
      const again = await machine().ok("podstead install");
      assert.equal(again, "");
      await machine().ok(
        "sh -c 'umask 077; podstead kubelet-config > /etc/kubernetes/kubelet.conf.d/90-podstead.conf'",
      );
      assert.equal(await machine().ok("podstead install"), "", "by hand it is the same");
      await machine().ok("systemctl restart kubelet");
      await eventually(async () =>
        assert.match(
          await machine().ok("journalctl -u kubelet -o cat"),
          /127\.0\.0\.1:261\/manifests/,
        )
      );
    });

    it("serves a pod after systemctl reload, and shows its container and log", async () => {
      await machine().ok(`cat > /srv/web.yaml <<'EOF'\n${POD}EOF\n`);
      await machine().ok(`cd /srv && tee ${POD_FILE} < web.yaml`);
      await machine().ok("podstead validate /etc/podstead/config.yaml");
      await machine().ok("systemctl reload podstead");
      assert.match(await statusText(machine()), /^1 pod served/);
      assert.match(await machine().ok("podstead get staticpods -o wide"), /default-web .* Served /);
      await containerId(machine());
      assert.match(await machine().ok("podstead containers -k"), /default\/web-node-1:web:/);
      await eventually(async () =>
        assert.match(await machine().ok("podstead logs -k web"), /start worker processes/)
      );
      assert.match(await machine().ok("journalctl -u podstead -n 30"), /Reloaded podstead/);
    });

    it("judges by the rules of the kubelet that the unit starts", async () => {
      // Since 1.34 a static pod may refer to no config map.
      const pod = `${LAYOUT.podsDirectory}/old.yaml`;
      await machine().ok(
        `sed 's/name: web$/name: old/' ${POD_FILE} > ${pod} && ` +
          `echo '  volumes: [{name: v, configMap: {name: x}}]' >> ${pod}`,
      );
      assert.notEqual((await machine().run("systemctl reload podstead")).code, 0);
      assert.match(await statusText(machine()), /^1 pod served, 1 refused \(default-old: /);
      await machine().ok(
        "sed -i 's/v1\\.34\\.1/v1.33.1/' /usr/bin/kubelet && podstead reload",
      );
      assert.match(await statusText(machine()), /^2 pods served/);
      await machine().ok(
        `rm ${pod} && sed -i 's/v1\\.33\\.1/v1.34.1/' /usr/bin/kubelet && podstead reload`,
      );
      assert.match(await statusText(machine()), /^1 pod served/);
    });

    it("shows the node's services and their logs", async () => {
      const services = await machine().ok("podstead services");
      for (const name of ["containerd", "podstead", "kubelet"]) {
        assert.match(services, new RegExp(`\\s${name} +running +enabled +\\d+ `));
      }
      assert.match(services, /podstead .* 1 pod served/);
      const line = await machine().ok("podstead logs kubelet --tail 1");
      assert.match(line, /^\S+: ./);
      assert.match(
        await machine().ok("podstead logs podstead -o json --grep Reload -i | tail -n 1"),
        /^\{"apiVersion":"podstead\.dev\/v1","kind":"LogLine","time":"[^"]+Z","unit":"podstead\.service",.*"priority":\d,"message":/,
      );
      const unknown = await machine().run("podstead logs no-such-service");
      assert.equal(unknown.code, 1);
      assert.match(unknown.stderr, /There is no pod and no service "no-such-service"/);
    });

    it("lets members of its groups use it without root or look, and nobody else", async () => {
      await machine().ok(
        "useradd --no-create-home member && useradd --no-create-home reader && " +
          "useradd --no-create-home other",
      );
      await machine().ok("usermod -a -G podstead member");
      await machine().ok("setpriv --reuid member --init-groups podstead get staticpods");
      await machine().ok("usermod -a -G podstead-read reader");
      await machine().ok("setpriv --reuid reader --init-groups podstead get staticpods");
      const denied = await machine().run("setpriv --reuid reader --init-groups podstead reload");
      assert.equal(denied.code, 77, denied.stderr);
      const refused = await machine().run(
        "setpriv --reuid other --init-groups podstead get staticpods",
      );
      assert.equal(refused.code, 77, refused.stderr);
    });

    it("fails a reload that was refused, says why in its status, and goes on serving", async () => {
      const hash = await servedHash(machine());
      await machine().ok(
        "cp /etc/podstead/config.yaml /tmp/config && echo 'machine: [' > /etc/podstead/config.yaml",
      );
      const refused = await machine().run("systemctl reload podstead");
      assert.notEqual(refused.code, 0);
      assert.match(await statusText(machine()), /rejected.*config\.yaml|config\.yaml.*rejected/);
      assert.equal(await machine().ok("systemctl is-active podstead"), "active");
      assert.equal(await servedHash(machine()), hash);
      await machine().ok(
        "cat /tmp/config > /etc/podstead/config.yaml && systemctl reload podstead",
      );
      assert.doesNotMatch(await statusText(machine()), /rejected/);
    });

    it("is restarted by the watchdog when it hangs, and no container with it", async () => {
      const container = await containerId(machine());
      await machine().ok(
        "mkdir -p /run/systemd/system/podstead.service.d && " +
          "printf '[Service]\\nWatchdogSec=8s\\n' > /run/systemd/system/podstead.service.d/test.conf && " +
          "systemctl daemon-reload && systemctl restart podstead",
      );
      const pid = await machine().property("podstead.service", "MainPID");
      await machine().ok(`kill -STOP ${pid}`);
      await eventually(async () => {
        assert.notEqual(await machine().property("podstead.service", "MainPID"), pid);
        assert.equal(await machine().ok("systemctl is-active podstead"), "active");
      });
      assert.match(await machine().ok("journalctl -u podstead -o cat"), /Watchdog timeout/i);
      assert.equal(await containerId(machine()), container);
      // Left alone it lives on: it does ping.
      const restarts = await machine().property("podstead.service", "NRestarts");
      await machine().ok("sleep 9");
      assert.equal(await machine().property("podstead.service", "NRestarts"), restarts);
      await machine().ok(
        "rm -r /run/systemd/system/podstead.service.d && systemctl daemon-reload && systemctl restart podstead",
      );
    });

    it("gives its address to no other process: killed, out of memory, or stopped", async () => {
      const squat = "setpriv --reuid other --clear-groups perl -MIO::Socket::INET -e " +
        "'exit(IO::Socket::INET->new(Listen => 1, ReuseAddr => 1, LocalAddr => shift) ? 0 : 3)' ";
      const isFree = async () => (await machine().run(squat + "127.0.0.1:261")).code === 0;
      // That the question itself works: another port is free to take.
      assert.equal((await machine().run(squat + "127.0.0.1:10261")).code, 0);
      // Root could listen there if systemd did not: its own try must fail too.
      const asRoot = squat.replace(/^setpriv.*?clear-groups /, "") + "127.0.0.1:261";
      const tries = async () => [await isFree(), (await machine().run(asRoot)).code === 0];
      for (const end of ["SIGKILL", "SIGABRT"]) {
        // Not `kill` with a process ID: that of a service which starts anew is 0, a whole group's.
        await eventually(async () =>
          assert.equal(await machine().ok("systemctl is-active podstead"), "active")
        );
        await machine().ok(`systemctl kill --kill-who=main --signal=${end} podstead`);
        assert.deepEqual(await tries(), [false, false], end);
      }
      await machine().ok("systemctl stop kubelet podstead");
      assert.deepEqual(await tries(), [false, false], "stopped");
      await machine().ok("systemctl start podstead kubelet");
      assert.match(
        await machine().ok("journalctl -u podstead -o cat -n 50"),
        /"msg":"Serving".*"held":true/,
      );
    });

    it("lets the doctor name who took its address, and take systemd for nobody", async () => {
      const { findings } = JSON.parse((await machine().run("podstead doctor -o json")).stdout);
      const endpoint = findings.find((finding: { check: string }) => finding.check === "endpoint");
      assert.equal(endpoint?.status, "ok", JSON.stringify(endpoint));
      await machine().ok("systemctl stop kubelet podstead.socket podstead.service");
      const squatted = await machine().ok(
        "perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(Listen => 1, ReuseAddr => 1, " +
          'LocalAddr => "127.0.0.1:261") or die; sleep 50\' & ' +
          "until grep -q ':0105 00000000:0000 0A' /proc/net/tcp; do sleep 0.1; done; " +
          "podstead doctor; kill $!",
      );
      assert.match(squatted, /261\S* is taken by pid \d+ \(\/usr\/bin\/perl\), uid 0/);
      await machine().ok("systemctl start podstead.socket podstead.service kubelet");
    });

    it("comes back after kill -9, but tries bad usage again only when it is asked for", async () => {
      const pid = await machine().property("podstead.service", "MainPID");
      await machine().ok(`kill -KILL ${pid}`);
      await eventually(async () => {
        assert.notEqual(await machine().property("podstead.service", "MainPID"), pid);
        assert.equal(await machine().ok("systemctl is-active podstead"), "active");
      });
      await machine().ok(
        "mkdir -p /run/systemd/system/podstead.service.d && " +
          "printf '[Service]\\nExecStart=\\nExecStart=/usr/bin/podstead serve --no-such-flag\\n' " +
          "> /run/systemd/system/podstead.service.d/test.conf && systemctl daemon-reload",
      );
      // Its polls make systemd start the agent for the held address.
      await machine().ok("systemctl stop kubelet");
      assert.notEqual((await machine().run("systemctl restart podstead")).code, 0);
      assert.equal(await machine().property("podstead.service", "ExecMainStatus"), "64");
      assert.equal((await machine().run("systemctl is-active podstead")).stdout.trim(), "failed");
      const tries = async () =>
        Number(await machine().ok("journalctl -u podstead -o cat | grep -c status=64"));
      const before = await tries();
      const startedMs = performance.now();
      await machine().ok("systemctl start kubelet");
      await eventually(async () => assert.ok(await tries() > before));
      await machine().ok("sleep 5 && systemctl stop kubelet");
      const [more, seconds] = [await tries() - before, (performance.now() - startedMs) / 1_000];
      assert.ok(more <= seconds + 1, `${more} tries in ${seconds} seconds of polls`);
      await machine().ok(
        "rm -r /run/systemd/system/podstead.service.d && systemctl daemon-reload && " +
          "systemctl reset-failed podstead && systemctl restart podstead && systemctl start kubelet",
      );
    });

    it("is ready before the kubelet starts at boot", async () => {
      await machine().reboot();
      const ready = Number(
        await machine().property("podstead.service", "ActiveEnterTimestampMonotonic"),
      );
      const kubelet = Number(
        await machine().property("kubelet.service", "ExecMainStartTimestampMonotonic"),
      );
      assert.ok(ready > 0 && ready < kubelet, `podstead ${ready}, kubelet ${kubelet}`);
      await containerId(machine());
    });

    it("is upgraded without a container being restarted", async () => {
      const container = await containerId(machine());
      const [hash, pid] = [
        await servedHash(machine()),
        await machine().property("podstead.service", "MainPID"),
      ];
      await machine().ok("cd /srv/new && dpkg -i podstead_*.deb");
      assert.notEqual(await machine().property("podstead.service", "MainPID"), pid);
      assert.equal(await machine().ok("systemctl is-active podstead"), "active");
      assert.equal(await servedHash(machine()), hash);
      assert.equal(await containerId(machine()), container);
    });

    it("completes IDs of the running node in bash", async () => {
      const script = "source /usr/share/bash-completion/completions/podstead; " +
        `COMP_LINE="podstead get staticpods def"; COMP_POINT=${"podstead get staticpods def".length}; ` +
        '_podstead; echo "$COMPREPLY"';
      assert.equal(await machine().ok(`bash -c '${script}'`), "default-web");
    });

    it("hands its pods over to the kubelet's own directory when asked to", async () => {
      assert.doesNotMatch(await machine().ok("podstead uninstall --dry-run"), /manifests/);
      const plan = await machine().ok("podstead uninstall --keep-pods --dry-run");
      assert.match(plan, /create {2}\/etc\/kubernetes\/manifests\/podstead-default-web\.json/);
    });

    it("leaves nothing behind when it is purged", async () => {
      await machine().ok("dpkg --purge podstead");
      assert.equal(await leftOvers(machine()), "");
      assert.equal(await machine().ok("ls /etc/kubernetes/kubelet.conf.d"), "");
      assert.equal(await machine().ok("systemctl is-active kubelet"), "active");
      assert.notEqual((await machine().run("systemctl status podstead")).code, 0);
    });
  });

  onMachine("trixie", "kubeadm", "podstead install", (machine) => {
    it("makes a kubeadm node of a copied executable in one command", async () => {
      await machine().ok("cd /srv && tar -xzf podstead-*-linux-*.tar.gz");
      await machine().ok("cd /srv && podstead-*/podstead install --dry-run || [ $? = 2 ]");
      assert.notEqual((await machine().run("command -v podstead")).code, 0);
      await machine().ok("cd /srv && podstead-*/podstead install");
      assert.equal(await machine().ok("command -v podstead"), LAYOUT.binary);
      assert.equal(await machine().ok("systemctl is-enabled podstead"), "enabled");
      assert.equal(await machine().ok("systemctl is-active podstead"), "active");
      assert.match(
        await machine().property("kubelet.service", "ExecStart"),
        /\/usr\/bin\/kubelet /,
      );
      await eventually(async () =>
        assert.match(
          await machine().ok("tr '\\0' ' ' < /proc/$(systemctl show -P MainPID kubelet)/cmdline"),
          /--url http:\/\/127\.0\.0\.1:261\/manifests --header Authorization: Bearer /,
        )
      );
      const verified = await machine().run(
        "systemd-analyze verify --man=no podstead.service podstead.socket",
      );
      assert.deepEqual(verified, { code: 0, stdout: "", stderr: "" });
    });

    it("changes nothing the second time", async () => {
      const pid = await machine().property("podstead.service", "MainPID");
      assert.equal(await machine().ok("cd /srv && podstead-*/podstead install"), "");
      assert.equal(await machine().property("podstead.service", "MainPID"), pid);
    });

    it("is seen through a reload by signal (Type=notify-reload)", async () => {
      assert.equal(await machine().property("podstead.service", "Type"), "notify-reload");
      await machine().ok(`cat > ${POD_FILE} <<'EOF'\n${POD}EOF\n`);
      await machine().ok("systemctl reload podstead");
      assert.match(await statusText(machine()), /^1 pod served/);
      await machine().ok(`sed -i 's/image:.*/image: 7/' ${POD_FILE}; echo '  x: [' >> ${POD_FILE}`);
      assert.notEqual((await machine().run("systemctl reload podstead")).code, 0);
      assert.equal(await machine().ok("systemctl is-active podstead"), "active");
      assert.match(await statusText(machine()), /web\.yaml/);
      await machine().ok(`cat > ${POD_FILE} <<'EOF'\n${POD}EOF\n`);
      await machine().ok("systemctl reload podstead");
      await containerId(machine());
    });

    it("is ready before the kubelet starts at boot", async () => {
      await machine().reboot();
      const ready = Number(
        await machine().property("podstead.service", "ActiveEnterTimestampMonotonic"),
      );
      const kubelet = Number(
        await machine().property("kubelet.service", "ExecMainStartTimestampMonotonic"),
      );
      assert.ok(ready > 0 && ready < kubelet, `podstead ${ready}, kubelet ${kubelet}`);
    });

    it("installs into another root and takes that back, starting nothing", async () => {
      await machine().ok("mkdir -p /mnt/image/etc && echo root:x:0: > /mnt/image/etc/group");
      await machine().ok("podstead install --root /mnt/image");
      assert.equal(
        await machine().ok(
          "readlink /mnt/image/etc/systemd/system/multi-user.target.wants/podstead.service",
        ),
        LAYOUT.unit,
      );
      await machine().ok("podstead uninstall --root /mnt/image");
      assert.equal(
        await machine().ok("find /mnt/image -type f ! -name group-"),
        "/mnt/image/etc/group",
      );
      assert.equal(await machine().ok("cat /mnt/image/etc/group"), "root:x:0:");
      await machine().ok("echo 'agent: {manifest: {port: 10999}}' > /srv/node.yaml");
      await machine().ok("podstead install --root /mnt/image --config /srv/node.yaml");
      assert.equal(
        await machine().ok("cat /mnt/image/etc/podstead/config.yaml"),
        "agent: { manifest: { port: 10999, tokenFile: /etc/podstead/manifest-token } }",
      );
      assert.equal(
        await machine().ok("stat -c '%a %U' /mnt/image/etc/podstead/manifest-token"),
        "600 root",
      );
      assert.match(
        await machine().ok("cat /mnt/image/etc/systemd/system/podstead.socket"),
        /^ListenStream=127\.0\.0\.1:10999$/m,
      );
      const again = await machine().run(
        "podstead install --root /mnt/image --config /srv/web.yaml",
      );
      assert.equal(again.code, 64, again.stderr);
      await machine().ok("rm -r /mnt/image");
    });

    it("keeps the pods as files of the kubelet and takes everything else back", async () => {
      await machine().ok("podstead uninstall --keep-pods --purge --yes");
      assert.match(
        await machine().ok("cat /etc/kubernetes/manifests/podstead-default-web.json"),
        /"kind": "Pod"/,
      );
      await machine().ok("rm /etc/kubernetes/manifests/podstead-default-web.json");
      assert.equal(await leftOvers(machine()), "");
      assert.equal(await machine().ok("systemctl is-active kubelet"), "active");
      assert.doesNotMatch(
        await machine().ok("tr '\\0' ' ' < /proc/$(systemctl show -P MainPID kubelet)/cmdline"),
        /:261/,
      );
    });
  });

  describe("docs/install.md", () => {
    it("has no command that was not run here", () => {
      const text = readFileSync(new URL("../../docs/install.md", import.meta.url), "utf8");
      const commands = [...text.matchAll(/^```sh\n(.*?)^```$/gms)]
        .flatMap(([, block]) => (block ?? "").trim().split("\n"))
        .map((line) => line.replace(/^sudo /, ""));
      assert.ok(commands.length > 20);
      const ran = new Set(Machine.scripts.flatMap((script) => script.split(/ (?:&&|\|\|) /)));
      assert.deepEqual(commands.filter((command) => !ran.has(command)), []);
    });
  });
});
