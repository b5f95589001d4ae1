/** What `deno task package` builds, as the tools of those who install it see it. */
import { after, before, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { UNLESS_ROOT } from "../support/as_root.ts";
import { findProgram } from "../support/programs.ts";
import { makeTempDir, type TempDir } from "../support/temp_dir.ts";
import { describeUnless, itUnless } from "../support/unless.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const MAINTAINER = "Ann Example <ann@example.org>";

/** Why a test is skipped that needs programs; with `PODSTEAD_NO_SKIP=1` nothing is. */
function lacks(...programs: readonly string[]): string | false {
  const missing = programs.filter((program) => findProgram(program) === undefined);
  return process.env.PODSTEAD_NO_SKIP === "1" || missing.length === 0
    ? false
    : `there is no ${missing.join(", ")}`;
}

/**
 * Installs the first package, upgrades to the second and removes it, on a copy of this machine's
 * file system that is gone with its mount namespace. Its systemd does not run.
 */
const ON_A_COPY = `
set -e
mkdir "$1"
mount -t tmpfs none "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
root=$1/root
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mkdir -p "$root$2"
mount --bind "$2" "$root$2"
mount -t tmpfs none "$root/run"
rm -rf "$root/etc/podstead" "$root/var/lib/podstead"
chroot "$root" sh -c '
set -e
rpm -i --nodeps "$1"
echo "= installed: $(systemctl is-enabled podstead.service)"
stat -c "= %a %U:%G %n" /etc/podstead /etc/podstead/config.yaml /etc/podstead/manifest-token
echo "= $(wc -c </etc/podstead/manifest-token) bytes of token"
cp /etc/podstead/manifest-token /token
systemctl disable podstead.service
rpm -U --nodeps "$2"
echo "= upgraded: $(systemctl is-enabled podstead.service)"
stat -c "= %a %U:%G %n" /etc/podstead
cmp /token /etc/podstead/manifest-token && echo "= token kept"
rpm -e podstead
[ ! -e /usr/bin/podstead ] && [ -e /etc/podstead/config.yaml ] && echo "= removed: config kept"
' sh "$3" "$4"
`;

/** A machine may refuse it whatever is installed, as many containers do. */
function lacksOverlay(): string | false {
  const mount = 'mount -t tmpfs none "$1" && mkdir "$1/upper" "$1/work" && ' +
    'mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1"';
  const { status } = spawnSync("unshare", ["--mount", "sh", "-c", mount, "sh", "/mnt"]);
  return status === 0 ? false : "no overlay of the root file system can be mounted";
}

/** Files that every package must have. */
const WANTED: readonly string[] = [
  "/usr/bin/podstead",
  "/usr/lib/systemd/system/podstead.service",
  "/usr/lib/systemd/system/podstead.socket",
  "/usr/share/bash-completion/completions/podstead",
  "/usr/share/doc/podstead/docs/config.schema.json",
  "/usr/share/doc/podstead/docs/schema/Overview.json",
  "/usr/share/doc/podstead/docs/troubleshooting.md",
  "/usr/share/doc/podstead/licenses.txt",
  "/usr/share/doc/podstead/sbom.cdx.json",
  "/usr/share/man/man1/podstead.1.gz",
  "/usr/share/podstead/config.yaml",
];

describeUnless(lacks("dpkg-deb", "dpkg-scanpackages"), "deno task package", () => {
  let directory: TempDir;
  const path = (...parts: readonly string[]) => join(directory.path, ...parts);

  const build = (...args: readonly string[]) =>
    execFileSync(process.execPath, [
      ...["run", "-A", "--no-check", "packaging/build.ts", "--executable", path("podstead")],
      ...["--compression", "none", "--out", path("out"), ...args],
    ], { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  const packages = (extension: string) =>
    readdirSync(path("out")).filter((name) => name.endsWith(extension)).sort();
  const ask = (program: string, ...args: readonly string[]) =>
    execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

  before(async () => {
    directory = await makeTempDir("package");
    // What is packed is not run, but by rpm's own scripts, which no test runs.
    writeFileSync(path("podstead"), "#!/bin/sh\necho podstead\n");
    chmodSync(path("podstead"), 0o755);
    build(
      ...["--arch", "amd64", "--arch", "arm64", "--repository", path("repository")],
      ...["--maintainer", MAINTAINER],
    );
  });
  after(async () => await directory?.remove());

  it("builds a Debian package for each architecture, with pages, schemas and who is behind it", () => {
    assert.deepEqual(packages(".deb").map((name) => name.replace(/^.*_/, "")), [
      "amd64.deb",
      "arm64.deb",
    ]);
    for (const name of packages(".deb")) {
      const field = (one: string) => ask("dpkg-deb", "--field", path("out", name), one).trim();
      assert.equal(field("Maintainer"), MAINTAINER);
      assert.equal(field("Architecture"), name.replace(/^.*_|\.deb$/g, ""));
      const listed = ask("dpkg-deb", "--contents", path("out", name));
      for (const file of WANTED) assert.ok(listed.includes(` .${file}\n`), file);
      assert.match(listed, /zsh\/vendor-completions\/_podstead/);
      assert.doesNotMatch(listed.replaceAll(/root\/root/g, ""), / [\w-]+\/[\w-]+ +\d+ \d{4}-/);
    }
  });

  it("refuses a repository that nobody answers for, and a maintainer without an address", () => {
    for (
      const [args, wanted] of [
        [["--repository", path("other")], /who is behind it: --maintainer/],
        [["--maintainer", "Ann"], /must be "NAME <ADDRESS>", current value is "Ann"/],
        [["--format", "msi"], /--format must be one of deb, rpm, tar, current value is "msi"/],
      ] as const
    ) {
      assert.throws(
        () => build(...args),
        (error: { readonly status?: number; readonly stderr?: string }) =>
          error.status === 64 && wanted.test(error.stderr ?? ""),
      );
    }
    assert.ok(!existsSync(path("other")));
  });

  itUnless(lacks("rpmbuild", "rpm"), "builds an rpm package for each architecture", () => {
    const [arm, intel] = packages(".rpm");
    assert.match(arm ?? "", /^podstead-[\d.]+-1\.aarch64\.rpm$/);
    assert.match(intel ?? "", /^podstead-[\d.]+-1\.x86_64\.rpm$/);
    for (const name of packages(".rpm")) {
      const rpm = (...args: readonly string[]) => ask("rpm", "-qp", ...args, path("out", name));
      assert.equal(rpm("--qf", "%{PACKAGER}|%{LICENSE}"), `${MAINTAINER}|Apache-2.0`);
      const listed = rpm("--list").split("\n");
      assert.deepEqual(WANTED.filter((file) => !listed.includes(file)), []);
      assert.ok(listed.includes("/usr/share/zsh/site-functions/_podstead"));
      assert.match(rpm("--requires"), /^systemd$/m);
      const owners = rpm("--qf", "[%{FILEUSERNAME}:%{FILEGROUPNAME}\n]").trim().split("\n");
      assert.deepEqual([...new Set(owners)], ["root:root"]);
    }
  });

  itUnless(lacks("rpmbuild", "rpm"), "gives rpm's scripts the words of Debian's", () => {
    const [name = ""] = packages(".rpm");
    /** With which words a script goes on when rpm gives it a count. */
    const words = (tag: string, count: number) => {
      const script = ask("rpm", "-qp", "--qf", `%{${tag}}`, path("out", name));
      execFileSync("sh", ["-n"], { input: script });
      const [first = ""] = script.split("\n");
      return ask("sh", "-c", `${first}\nprintf '%s,' "$@"`, "sh", String(count));
    };
    assert.equal(words("POSTIN", 1), "configure,,");
    assert.equal(words("POSTIN", 2), "configure,upgrade,");
    assert.equal(words("PREUN", 0), "remove,");
    assert.equal(words("PREUN", 1), "upgrade,");
    assert.equal(words("POSTUN", 0), "remove,");
    assert.equal(words("POSTUN", 1), "upgrade,");
  });

  itUnless(
    lacks("rpmbuild", "rpm2archive"),
    "makes rpm packages that rpm unpacks as they are meant",
    () => {
      const name = packages(".rpm").find((one) => one.includes("x86_64")) ?? "";
      mkdirSync(path("installed"));
      execFileSync("sh", [
        ...["-c", `rpm2archive - <"$1" | tar -xz -C "$2"`, "sh"],
        ...[path("out", name), path("installed")],
      ]);
      assert.equal(
        readFileSync(path("installed/usr/bin/podstead"), "utf8"),
        readFileSync(path("podstead"), "utf8"),
      );
      assert.equal(statSync(path("installed/usr/bin/podstead")).mode & 0o777, 0o755);
      assert.equal(statSync(path("installed/etc/podstead/pods.d")).mode & 0o777, 0o750);
    },
  );

  itUnless(lacks("apt-get"), "makes a repository that apt finds the package in", () => {
    for (const one of ["state/lists/partial", "cache/archives/partial", "etc"]) {
      mkdirSync(path("apt", one), { recursive: true });
    }
    const source = path("apt/etc/sources.list");
    const line = (options: string) =>
      writeFileSync(source, `deb [${options}] file:${path("repository/apt")} stable main\n`);
    const apt = (program: string, ...args: readonly string[]) =>
      ask(
        program,
        ...[
          `Dir::State=${path("apt/state")}`,
          `Dir::Cache=${path("apt/cache")}`,
          `Dir::Etc::sourcelist=${source}`,
          "Dir::Etc::sourceparts=/dev/null",
          "APT::Architecture=amd64",
          "APT::Sandbox::User=root",
        ].flatMap((option) => ["-o", option]),
        ...args,
      );
    line("trusted=yes arch=amd64,arm64");
    apt("apt-get", "update");
    const shown = apt("apt-cache", "show", "podstead");
    assert.match(shown, /^Architecture: amd64$/m);
    assert.match(shown, /^Filename: pool\/main\/p\/podstead\/podstead_[\d.]+_amd64\.deb$/m);
  });

  itUnless(lacks("rpmbuild", "createrepo_c"), "makes a repository for dnf", () => {
    const index = readFileSync(path("repository/rpm/repodata/repomd.xml"), "utf8");
    assert.match(index, /<data type="primary">/);
    assert.deepEqual(
      readdirSync(path("repository/rpm")).filter((name) => name.endsWith(".rpm")).sort(),
      packages(".rpm"),
    );
  });

  it("keeps what a repository has, and offers both versions", () => {
    build(
      ...["--arch", "amd64", "--format", "deb", "--version", "9.9.9"],
      ...["--repository", path("repository"), "--maintainer", MAINTAINER],
    );
    const index = readFileSync(
      path("repository/apt/dists/stable/main/binary-amd64/Packages"),
      "utf8",
    );
    const versions = [...index.matchAll(/^Version: (.*)$/gm)].map(([, version]) => version);
    assert.equal(versions.length, 2);
    assert.ok(versions.includes("9.9.9"));
  });

  itUnless(lacks("gpg", "gpgv", "rpmsign", "rpmbuild"), "signs packages and indexes", () => {
    const home = path("gnupg");
    mkdirSync(home, { mode: 0o700 });
    const key = "ann@example.org";
    const env = { ...process.env, GNUPGHOME: home };
    const run = (program: string, ...args: readonly string[]) =>
      execFileSync(program, args, { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"] });
    run("gpg", "--batch", "--passphrase", "", "--quick-generate-key", key, "rsa2048", "sign");
    try {
      run(
        process.execPath,
        ...["run", "-A", "--no-check", "packaging/build.ts", "--executable", path("podstead")],
        ...["--compression", "none", "--out", path("signed"), "--arch", "amd64"],
        ...["--repository", path("signed-repository"), "--maintainer", MAINTAINER],
        ...["--sign-with", key],
      );
      writeFileSync(path("key.gpg"), run("gpg", "--export", key));
      const verify = (...files: readonly string[]) =>
        run("gpgv", "--keyring", path("key.gpg"), ...files);
      verify(path("signed/SHA256SUMS.asc"), path("signed/SHA256SUMS"));
      const dists = path("signed-repository/apt/dists/stable");
      verify(join(dists, "InRelease"));
      verify(join(dists, "Release.gpg"), join(dists, "Release"));
      const [rpm = ""] = readdirSync(path("signed")).filter((name) => name.endsWith(".rpm"));
      assert.match(
        run("rpm", "-qp", "--qf", "%{RSAHEADER:pgpsig}", path("signed", rpm)).toString(),
        /^RSA\/SHA\d+, /,
      );
    } finally {
      run("gpgconf", "--kill", "gpg-agent");
    }
  });

  itUnless(
    lacks("rpmbuild", "rpm", "unshare") || UNLESS_ROOT || lacksOverlay(),
    "makes rpm packages that rpm installs, upgrades and removes",
    () => {
      build("--arch", "amd64", "--format", "rpm", "--version", "9.9.9");
      const [first, second] = packages("x86_64.rpm").map((name) => path("out", name));
      const said = execFileSync("unshare", [
        ...["--mount", "sh", "-c", ON_A_COPY, "sh"],
        ...[path("copy"), directory.path, first ?? "", second ?? ""],
      ], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
      assert.deepEqual(said.trim().split("\n").filter((line) => line.startsWith("= ")), [
        "= installed: enabled",
        "= 750 root:podstead /etc/podstead",
        "= 640 root:podstead /etc/podstead/config.yaml",
        "= 600 root:root /etc/podstead/manifest-token",
        "= 43 bytes of token",
        "= upgraded: disabled",
        "= 750 root:podstead /etc/podstead",
        "= token kept",
        "= removed: config kept",
      ]);
    },
  );
});
