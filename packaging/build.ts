/**
 * Builds what is published: packages for Debian and for rpm, a tarball and their checksums.
 *
 *     deno task package                        # for this machine's architecture
 *     deno task package --arch arm64           # or amd64; may be given twice
 *     deno task package --executable FILE      # of that architecture, instead of compiling it
 *     deno task package --format deb           # or rpm, tar; may be given twice; default: all
 *     deno task package --repository DIR       # also a repository for apt and one for dnf
 *
 *     deno task package --maintainer "NAME <ADDRESS>"   # default: DEBFULLNAME and DEBEMAIL
 *     deno task package --sign-with KEY        # signs checksums and indexes with this key of gpg's
 *
 * Needs `dpkg-deb`, `rpmbuild` (Debian's package rpm) and `tar`, and for a repository
 * `dpkg-scanpackages` (dpkg-dev) and `createrepo_c`. Nothing is fetched. The result is in `dist/`.
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
import manifest from "../deno.json" with { type: "json" };
import { debianPackage } from "./deb.ts";
import { makeRepository, sizeOf } from "./repository.ts";
import { rpmPackage, signRpms } from "./rpm.ts";
import { documentation, type PackageJob } from "./tree.ts";

/** Debian's name of an architecture to the compiler's. */
const TARGETS: Readonly<Record<string, string>> = { amd64: "x64", arm64: "arm64" };

/** What is built, and what it needs besides tar. */
const FORMATS: Readonly<
  Record<string, { readonly build: (job: PackageJob) => Promise<string>; readonly tool?: string }>
> = {
  deb: { build: debianPackage, tool: "dpkg-deb" },
  rpm: { build: rpmPackage, tool: "rpmbuild" },
  tar: { build: tarball },
};

const { values } = parseArgs({
  options: {
    arch: { type: "string", multiple: true },
    format: { type: "string", multiple: true },
    executable: { type: "string" },
    out: { type: "string", default: "dist" },
    version: { type: "string", default: manifest.version },
    // The default is the smallest and takes a minute; "none" is for tests.
    compression: { type: "string", default: "xz" },
    maintainer: { type: "string" },
    repository: { type: "string" },
    // Makes SHA256SUMS.asc: a key of gpg's, by its ID or address.
    "sign-with": { type: "string" },
  },
});
const here = process.arch === "arm64" ? "arm64" : "amd64";
const architectures = oneOf("--arch", values.arch ?? [here], TARGETS);
const formats = oneOf("--format", values.format ?? Object.keys(FORMATS), FORMATS)
  .filter((format) => isBuildable(format, values.format !== undefined));
const maintainer = values.maintainer ?? debianMaintainer();
if (maintainer === undefined && values.repository !== undefined) {
  fail(
    'A repository needs to say who is behind it: --maintainer "NAME <ADDRESS>", or DEBFULLNAME and DEBEMAIL',
  );
}
if (maintainer !== undefined && !/^[^<>\n]+ <[^<>@\s]+@[^<>\s]+>$/.test(maintainer)) {
  fail(`--maintainer must be "NAME <ADDRESS>", current value is "${maintainer}"`);
}
mkdirSync(values.out, { recursive: true });
const built: string[] = [];
for (const architecture of architectures) {
  const executable = values.executable ?? compile(architecture);
  process.stderr.write(`The executable for ${architecture} has ${sizeOf(executable)}\n`);
  for (const format of formats) {
    const root = mkdtempSync(join(tmpdir(), "podstead-package-"));
    try {
      const path = await FORMATS[format]?.build({
        root,
        architecture,
        executable,
        version: values.version,
        maintainer: maintainer ?? "The podstead authors <podstead@localhost>",
        compression: values.compression,
        out: values.out,
      });
      if (path !== undefined) built.push(path);
    } finally {
      rmSync(root, { recursive: true });
    }
  }
}
if (values["sign-with"] !== undefined) {
  const rpms = built.filter((path) => path.endsWith(".rpm"));
  if (rpms.length > 0) signRpms(rpms, values["sign-with"]);
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
for (const path of built) process.stderr.write(`${basename(path)} has ${sizeOf(path)}\n`);
if (values.repository !== undefined) {
  const missing = makeRepository({
    directory: values.repository,
    packages: built,
    timeMs: Date.now(),
    signWith: values["sign-with"],
  });
  process.stderr.write(`Made the repositories in ${values.repository}\n`);
  for (const sentence of missing) process.stderr.write(`warning: ${sentence}\n`);
}

function fail(text: string): never {
  process.stderr.write(`${text}\n`);
  process.exit(64);
}

/** @returns the given words, which are keys of what there is */
function oneOf(
  option: string,
  given: readonly string[],
  known: Readonly<Record<string, unknown>>,
): readonly string[] {
  const wrong = given.find((one) => !Object.hasOwn(known, one));
  if (wrong === undefined) return given;
  fail(`${option} must be one of ${Object.keys(known).join(", ")}, current value is "${wrong}"`);
}

/** What was asked for by name must be built; the rest is left out where its tool is missing. */
function isBuildable(format: string, isNamed: boolean): boolean {
  const tool = FORMATS[format]?.tool;
  if (tool === undefined || isNamed) return true;
  try {
    execFileSync(tool, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    process.stderr.write(`warning: no ${format} is built, for there is no ${tool} here\n`);
    return false;
  }
}

/** Who Debian's tools take for the maintainer. */
function debianMaintainer(): string | undefined {
  const { DEBFULLNAME: name, DEBEMAIL: address } = process.env;
  return name && address ? `${name} <${address}>` : undefined;
}

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

/** For those without dpkg: unpack it, then run \`podstead install\`. */
async function tarball(job: PackageJob): Promise<string> {
  const { root, architecture, executable, version, compression, out } = job;
  const name = `podstead-${version}-linux-${architecture}`;
  const tree = join(root, name);
  mkdirSync(tree);
  copyFileSync(executable, join(tree, "podstead"));
  chmodSync(join(tree, "podstead"), 0o755);
  for (const [path, content] of await documentation(version, "vendor-completions")) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), content);
  }
  for (const file of ["LICENSE", "README.md", "CHANGELOG.md"]) {
    if (existsSync(file)) copyFileSync(file, join(tree, file));
  }
  const archive = join(out, `${name}.tar.gz`);
  const gzip = compression === "none" ? "gzip -1" : "gzip";
  execFileSync("tar", [
    ...["-cf", archive, "--use-compress-program", gzip, "--owner=0", "--group=0", "-C", root, name],
  ], { stdio: "inherit" });
  return archive;
}
