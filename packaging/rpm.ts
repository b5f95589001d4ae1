/** The rpm package, for Fedora, RHEL and what is made of them. */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { layOut, type PackageJob } from "./tree.ts";

/** Debian's names of architectures to rpm's. */
const ARCHITECTURES: Readonly<Record<string, string>> = { amd64: "x86_64", arm64: "aarch64" };

/** Builds it with `rpmbuild`, for any architecture on any. @returns its path */
export async function rpmPackage(job: PackageJob): Promise<string> {
  const tree = await layOut(job, "site-functions");
  const top = join(job.root, "rpmbuild");
  mkdirSync(top);
  const spec = join(top, "podstead.spec");
  writeFileSync(spec, specification());
  const target = ARCHITECTURES[job.architecture] ?? job.architecture;
  const define = (name: string, value: string) => ["--define", `${name} ${value}`];
  execFileSync("rpmbuild", [
    ...["-bb", "--quiet", "--target", `${target}-linux`],
    ...define("_topdir", resolve(top)),
    // Not where the distribution of this machine wants its own database.
    ...define("_dbpath", join(resolve(top), "db")),
    ...define("tree", resolve(tree)),
    // A version may not have the hyphen that begins the release; "~" sorts before the version itself.
    ...define("package_version", job.version.replaceAll("-", "~")),
    ...define("package_maintainer", job.maintainer),
    ...define("_binary_payload", job.compression === "none" ? "w1.gzdio" : "w6.xzdio"),
    spec,
  ], { stdio: ["ignore", "ignore", "inherit"] });
  const folder = join(top, "RPMS", target);
  const [name] = readdirSync(folder);
  if (name === undefined) throw new Error(`rpmbuild has left no package in ${folder}`);
  const rpm = join(job.out, name);
  copyFileSync(join(folder, name), rpm);
  return rpm;
}

/** Signs packages in place, with a key of gpg's; those of Debian are signed by their repository. */
export function signRpms(paths: readonly string[], key: string): void {
  // It takes no program from the PATH.
  const gpg = execFileSync("sh", ["-c", "command -v gpg"], { encoding: "utf8" }).trim();
  execFileSync("rpmsign", [
    ...["--define", `_gpg_name ${key}`, "--define", `__gpg ${gpg}`, "--addsign", ...paths],
  ], { stdio: ["ignore", "ignore", "inherit"] });
}

/** The spec with the scripts of the Debian package in their places. */
function specification(): string {
  const spec = readFileSync("packaging/podstead.spec", "utf8");
  return spec.replace(/^%\{include_(\w+)\}$/gm, (_, name: string) => {
    const script = readFileSync(`packaging/debian/${name}`, "utf8");
    return script.replace(/^#!.*\n/, "").replaceAll("%", "%%");
  });
}
