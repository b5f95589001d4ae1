/**
 * Builds what is published: a Debian package, a tarball and their checksums.
 *
 *     deno task package                        # for this machine's architecture
 *     deno task package --arch arm64           # or amd64; may be given twice
 *     deno task package --executable FILE      # of that architecture, instead of compiling it
 *
 *     deno task package --sign-with KEY        # signs the checksums with this key of gpg's
 *
 * Needs `dpkg-deb` and `tar`. The result is in `dist/`.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import manifest from "../deno.json" with { type: "json" };
import { completionScript } from "../mod/cli/commands/help/completion_scripts.ts";
import { manualPage } from "../mod/cli/commands/help/manual.ts";
import { buildCli } from "../mod/cli/shell/program.ts";
import { loadRoutes } from "../mod/cli/shell/registry.ts";
import {
  EXAMPLE_CONFIG,
  LAYOUT,
  NEW_NODE_PORT,
  serviceUnit,
  socketUnit,
} from "../mod/install/mod.ts";
import { billOfMaterials, components, licenseTexts } from "./sbom.ts";

const contained = components(readFileSync("deno.lock", "utf8"), "node_modules/.deno");

/** Debian's name of an architecture to the compiler's. */
const TARGETS: Readonly<Record<string, string>> = { amd64: "x64", arm64: "arm64" };

const { values } = parseArgs({
  options: {
    arch: { type: "string", multiple: true },
    executable: { type: "string" },
    out: { type: "string", default: "dist" },
    version: { type: "string", default: manifest.version },
    // Debian's own default is the smallest and takes a minute; "none" is for tests.
    compression: { type: "string", default: "xz" },
    // Makes SHA256SUMS.asc: a key of gpg's, by its ID or address.
    "sign-with": { type: "string" },
  },
});
const here = process.arch === "arm64" ? "arm64" : "amd64";
const architectures = values.arch ?? [here];
for (const architecture of architectures) {
  if (TARGETS[architecture] === undefined) {
    process.stderr.write(
      `--arch must be one of ${
        Object.keys(TARGETS).join(", ")
      }, current value is "${architecture}"\n`,
    );
    process.exit(64);
  }
}
mkdirSync(values.out, { recursive: true });
const built: string[] = [];
for (const architecture of architectures) {
  const executable = values.executable ?? compile(architecture);
  const root = mkdtempSync(join(tmpdir(), "podstead-package-"));
  try {
    built.push(await debianPackage(root, architecture, executable));
    built.push(await tarball(root, architecture, executable));
  } finally {
    rmSync(root, { recursive: true });
  }
}
const sums = built.map((path) => {
  const hash = createHash("sha256").update(readFileSync(path)).digest("hex");
  return `${hash}  ${basename(path)}\n`;
});
writeFileSync(join(values.out, "SHA256SUMS"), sums.join(""));
if (values["sign-with"] !== undefined) {
  execFileSync("gpg", [
    ...["--batch", "--yes", "--armor", "--detach-sign", "--local-user", values["sign-with"]],
    join(values.out, "SHA256SUMS"),
  ], { stdio: ["ignore", "ignore", "inherit"] });
}
process.stdout.write(sums.join(""));

function compile(architecture: string): string {
  const executable = join(values.out, `podstead-${architecture}`);
  const target = architecture === here ? [] : ["--target", TARGETS[architecture] ?? ""];
  execFileSync(
    process.execPath,
    ["run", "-A", "packaging/compile.ts", "--outfile", executable, ...target],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  return executable;
}

async function debianPackage(
  root: string,
  architecture: string,
  executable: string,
): Promise<string> {
  const tree = join(root, "deb");
  const file = (path: string, content: string | Uint8Array, mode = 0o644) => {
    mkdirSync(dirname(join(tree, path)), { recursive: true, mode: 0o755 });
    writeFileSync(join(tree, path), content);
    chmodSync(join(tree, path), mode);
  };
  file(LAYOUT.packagedBinary, "", 0o755);
  copyFileSync(executable, join(tree, LAYOUT.packagedBinary));
  file(LAYOUT.packagedUnit, serviceUnit({ binary: LAYOUT.packagedBinary, notifyReload: false }));
  file(LAYOUT.packagedSocketUnit, socketUnit(`127.0.0.1:${NEW_NODE_PORT}`));
  // Not a conffile: it is the administrator's from the first day, and no upgrade may ask about it.
  file("/usr/share/podstead/config.yaml", EXAMPLE_CONFIG);
  mkdirSync(join(tree, LAYOUT.podsDirectory), { recursive: true });
  chmodSync(join(tree, LAYOUT.podsDirectory), 0o750);
  chmodSync(join(tree, LAYOUT.configDirectory), 0o750);
  for (const [path, content] of await documentation()) file(`/usr/${path}`, content);
  file("/usr/share/doc/podstead/copyright", readFileSync("LICENSE"));

  const size = Number(execFileSync("du", ["-sk", tree], { encoding: "utf8" }).split("\t")[0]);
  file("/DEBIAN/control", control(architecture, size));
  for (const script of ["postinst", "prerm", "postrm"]) {
    file(`/DEBIAN/${script}`, readFileSync(`packaging/debian/${script}`), 0o755);
  }
  const deb = join(values.out, `podstead_${values.version}_${architecture}.deb`);
  execFileSync(
    "dpkg-deb",
    ["--root-owner-group", `-Z${values.compression}`, "--build", tree, deb],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  return deb;
}

function control(architecture: string, sizeKib: number): string {
  return `Package: podstead
Version: ${values.version}
Architecture: ${architecture}
Maintainer: The podstead authors <podstead@localhost>
Installed-Size: ${sizeKib}
Depends: libc6 (>= 2.31), passwd, systemd
Recommends: containerd
Section: admin
Priority: optional
Description: static pods for any Linux node
 Serves static pods to the kubelet from one config file, judges each by the
 kubelet's own rules before it does, and shows what became of them: their
 containers, logs and status, without an API server.
`;
}

/** For those without dpkg: unpack it, then run \`podstead install\`. */
async function tarball(root: string, architecture: string, executable: string): Promise<string> {
  const name = `podstead-${values.version}-linux-${architecture}`;
  const tree = join(root, name);
  mkdirSync(tree);
  copyFileSync(executable, join(tree, "podstead"));
  chmodSync(join(tree, "podstead"), 0o755);
  for (const [path, content] of await documentation()) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), content);
  }
  for (const file of ["LICENSE", "README.md", "CHANGELOG.md"]) {
    if (existsSync(file)) copyFileSync(file, join(tree, file));
  }
  const archive = join(values.out, `${name}.tar.gz`);
  const gzip = values.compression === "none" ? "gzip -1" : "gzip";
  execFileSync("tar", [
    ...["-cf", archive, "--use-compress-program", gzip, "--owner=0", "--group=0", "-C", root, name],
  ], { stdio: "inherit" });
  return archive;
}

/** Manual page, completions, alerts and dashboard, by their path below /usr. */
async function documentation(): Promise<readonly (readonly [string, string | Uint8Array])[]> {
  return [
    [
      "share/man/man1/podstead.1.gz",
      gzipSync(await manualPage({ buildCli, loadRoutes }), { level: 9 }),
    ],
    ["share/bash-completion/completions/podstead", completionScript("bash")],
    ["share/zsh/vendor-completions/_podstead", completionScript("zsh")],
    ["share/fish/vendor_completions.d/podstead.fish", completionScript("fish")],
    ["share/doc/podstead/sbom.cdx.json", billOfMaterials(values.version, contained)],
    ["share/doc/podstead/licenses.txt", licenseTexts(contained)],
    ["share/doc/podstead/prometheus-alerts.yaml", readFileSync("packaging/prometheus-alerts.yaml")],
    ["share/doc/podstead/grafana-dashboard.json", readFileSync("packaging/grafana-dashboard.json")],
  ];
}
