/**
 * Files of one volume that stand in each other's place.
 *
 * Source: kubernetes pkg/api/pod/warnings.go, `warningsForOverlappingVirtualPaths`.
 */
import { FieldPath } from "../issue.ts";
import type { Volume, VolumeProjection } from "../types/mod.ts";
import type { WarningRule } from "./rule.ts";

interface PlacedFile {
  readonly path: string;
  readonly place: FieldPath;
}

/** Rules on the files that a volume is made of. */
export const VIRTUAL_PATH_RULES: readonly WarningRule[] = [
  {
    name: "volume-paths-overlap",
    type: "Will not work",
    fields: ["spec.volumes.downwardAPI.items.path", "spec.volumes.projected.sources"],
    about:
      "Two files of one volume on one path, or one inside the other: one hides the other, or " +
      "the volume cannot be mounted.",
    hint: "Give each file a path of its own",
    find({ pod }, report) {
      for (const [at, volume] of pod.spec.volumes.entries()) {
        const seen: PlacedFile[] = [];
        for (const file of filesOf(volume, FieldPath.root("spec").child("volumes").index(at))) {
          const own = file.path.replace(/\/+$/, "");
          if (own === "") continue;
          const other = seen.find(({ path }) =>
            `${path}/`.startsWith(`${own}/`) || `${own}/`.startsWith(`${path}/`)
          );
          if (other !== undefined) {
            const what = other.path === own ? "is also the path of" : "overlaps with";
            report(file.place, `"${file.path}" ${what} ${other.place}`);
          }
          seen.push({ path: own, place: file.place });
        }
      }
    },
  },
  {
    name: "projection-empty",
    type: "Discouraged",
    fields: ["spec.volumes.projected.sources"],
    about: "An item of a projected volume that names no source.",
    hint: "Add downwardAPI, or remove the item",
    find({ pod }, report) {
      for (const [at, { projected }] of pod.spec.volumes.entries()) {
        for (const [index, source] of (projected?.sources ?? []).entries()) {
          if (Object.values(source).some((one) => one !== undefined)) continue;
          const place = FieldPath.root("spec").child("volumes").index(at).child("projected");
          report(place.child("sources").index(index), "has no source");
        }
      }
    },
  },
];

function filesOf(volume: Volume, path: FieldPath): readonly PlacedFile[] {
  return [
    ...itemFiles(volume.configMap, path.child("configMap")),
    ...itemFiles(volume.secret, path.child("secret")),
    ...itemFiles(volume.downwardAPI, path.child("downwardAPI")),
    ...(volume.projected?.sources ?? []).flatMap((source, at) =>
      projectedFiles(source, path.child("projected").child("sources").index(at))
    ),
  ];
}

function itemFiles(
  source: { readonly items: readonly { readonly path: string }[] } | undefined,
  path: FieldPath,
): readonly PlacedFile[] {
  return (source?.items ?? []).map((item, at) => ({
    path: item.path,
    place: path.child("items").index(at).child("path"),
  }));
}

function projectedFiles(source: VolumeProjection, path: FieldPath): readonly PlacedFile[] {
  const single = (
    name: "serviceAccountToken" | "clusterTrustBundle",
  ): readonly PlacedFile[] => {
    const one = source[name];
    return one === undefined ? [] : [{ path: one.path, place: path.child(name).child("path") }];
  };
  const certificate = source.podCertificate;
  const place = path.child("podCertificate");
  return [
    ...itemFiles(source.configMap, path.child("configMap")),
    ...itemFiles(source.secret, path.child("secret")),
    ...itemFiles(source.downwardAPI, path.child("downwardAPI")),
    ...single("serviceAccountToken"),
    ...single("clusterTrustBundle"),
    ...(certificate === undefined ? [] : (
      ["certificateChainPath", "keyPath", "credentialBundlePath"] as const
    ).map((name) => ({ path: certificate[name], place: place.child(name) }))),
  ];
}
