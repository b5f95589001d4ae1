/** The Debian package. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { layOut, type PackageJob } from "./tree.ts";

/** Builds it with `dpkg-deb`. @returns its path */
export async function debianPackage(job: PackageJob): Promise<string> {
  const tree = await layOut(job, "vendor-completions");
  const size = Number(execFileSync("du", ["-sk", tree], { encoding: "utf8" }).split("\t")[0]);
  mkdirSync(join(tree, "DEBIAN"), { mode: 0o755 });
  writeFileSync(join(tree, "DEBIAN/control"), control(job, size));
  for (const script of ["postinst", "prerm", "postrm"]) {
    writeFileSync(join(tree, "DEBIAN", script), readFileSync(`packaging/debian/${script}`));
    chmodSync(join(tree, "DEBIAN", script), 0o755);
  }
  const deb = join(job.out, `podstead_${job.version}_${job.architecture}.deb`);
  execFileSync(
    "dpkg-deb",
    ["--root-owner-group", `-Z${job.compression}`, "--build", tree, deb],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  return deb;
}

function control({ version, architecture, maintainer }: PackageJob, sizeKib: number): string {
  return `Package: podstead
Version: ${version}
Architecture: ${architecture}
Maintainer: ${maintainer}
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
