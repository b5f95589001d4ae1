/** The shape of what is on disk. Members that a later version adds are kept as they are. */
import * as v from "valibot";

const Text = v.string();
const Count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** The files of one volume: they are written as root. */
const VolumeSchema = v.looseObject({
  volume: Text,
  directory: v.pipe(v.string(), v.startsWith("/")),
  gid: v.exactOptional(Count),
  sticky: v.exactOptional(v.literal(true)),
  mountPoints: v.exactOptional(v.array(Text)),
  files: v.array(v.object({
    path: Text,
    data: Text,
    mode: Count,
    sealed: v.exactOptional(v.literal(true)),
  })),
});

/** One pod of the state. */
export const ServedPodSchema = v.looseObject({
  id: Text,
  namespace: Text,
  name: Text,
  pod: v.record(v.string(), v.unknown()),
  hash: Text,
  revision: Count,
  sinceMs: v.number(),
  source: v.looseObject({
    file: Text,
    line: v.number(),
    list: v.exactOptional(v.picklist(["machine.pods", "items"])),
  }),
  declared: v.exactOptional(v.record(v.string(), v.unknown())),
  volumes: v.exactOptional(v.array(VolumeSchema)),
  objects: v.exactOptional(v.array(Text)),
  sealed: v.exactOptional(v.array(v.array(v.union([Text, v.number()])))),
});

/** Texts by any key: a record of valibot leaves out keys such as "constructor". */
const Values = v.custom<Readonly<Record<string, string>>>((value) =>
  typeof value === "object" && value !== null &&
  Object.values(value).every((one) => typeof one === "string")
);

const ObjectSchema = v.looseObject({
  object: v.looseObject({
    kind: v.picklist(["ConfigMap", "Secret"]),
    namespace: Text,
    name: Text,
    immutable: v.boolean(),
    text: Values,
    binary: Values,
  }),
  source: v.looseObject({ file: Text, line: v.number() }),
});

const IssueSchema = v.looseObject({ field: Text, type: Text, detail: Text });

const PodOutcomeSchema = v.looseObject({
  id: Text,
  namespace: Text,
  name: Text,
  change: v.picklist(["added", "changed", "removed", "unchanged", "none"]),
  state: v.exactOptional(Text),
  source: v.looseObject({ file: Text, line: v.number() }),
  hash: Text,
  errors: v.array(IssueSchema),
  warnings: v.array(IssueSchema),
});

const ReloadOutcomeSchema = v.looseObject({
  result: v.picklist(["applied", "unchanged", "partial", "rejected", "failed"]),
  trigger: Text,
  revision: Count,
  at: Text,
  durationMs: v.number(),
  pods: v.array(PodOutcomeSchema),
  problems: v.array(v.looseObject({
    severity: v.picklist(["error", "warning"]),
    code: Text,
    file: Text,
    message: Text,
  })),
  needRestart: v.array(Text),
  served: v.looseObject({ pods: Count, bytes: Count, etag: Text }),
});

const ReplacementSchema = v.looseObject({
  key: Text,
  startedMs: v.number(),
  step: v.picklist(["removed", "ending"]),
  old: v.looseObject({ hash: Text, uids: v.array(Text), graceMs: v.number() }),
  room: v.exactOptional(v.array(Text)),
});

const StopSchema = v.looseObject({
  namespace: Text,
  name: Text,
  source: v.looseObject({ file: Text, line: v.number() }),
});

/** Who a pod is to the kubelet. */
export const IncarnationSchema = v.looseObject({
  key: Text,
  uid: Text,
  hash: Text,
  version: Text,
  past: v.array(Text),
  images: v.array(v.looseObject({ container: Text, image: Text })),
});

const ResourceSchema = v.looseObject({
  type: Text,
  id: Text,
  version: Count,
  created: Text,
  updated: Text,
  spec: v.record(v.string(), v.unknown()),
});

/** The state but for its pods, which are checked one by one. */
export const FrameSchema = v.looseObject({
  revision: Count,
  pods: v.array(v.unknown()),
  objects: v.exactOptional(v.array(ObjectSchema)),
  stops: v.exactOptional(v.array(StopSchema)),
  versions: v.array(ResourceSchema),
  replacing: v.array(ReplacementSchema),
  // A state of a version that gave no UIDs has none.
  incarnations: v.optional(v.array(IncarnationSchema), []),
  lastReload: v.exactOptional(ReloadOutcomeSchema),
  settings: v.exactOptional(v.record(v.string(), v.unknown())),
  judgedBy: v.exactOptional(v.looseObject({ nodeName: Text })),
  taken: v.exactOptional(v.looseObject({
    boot: Text,
    version: Text,
    refused: v.array(v.looseObject({
      key: Text,
      hash: Text,
      boot: Text,
      version: v.exactOptional(Text),
      withheld: v.exactOptional(v.literal(true)),
    })),
  })),
  directories: v.exactOptional(
    v.array(v.looseObject({ path: Text, device: v.number(), inode: v.number() })),
  ),
});
