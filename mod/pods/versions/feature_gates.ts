/**
 * The kubelet's feature gates that have to do with a pod, and what they are in each minor.
 *
 * Source: kubernetes pkg/features/kube_features.go of 1.31 to 1.36 and its main branch of
 * July 2026 for 1.37; which of them decide anything was measured: each gate was set to its
 * other value in a kubelet of each minor, and thousands of pods were judged with it.
 */
import { nearest } from "../../core/mod.ts";
import { KNOWN_MINORS, NEWEST_MINOR, OLDEST_MINOR } from "./minors.ts";

/** Gates as they were set: by name, on or off. */
export type GateSettings = Readonly<Record<string, boolean>>;

/** What a gate is in one minor. */
interface GateState {
  readonly stage: "alpha" | "beta" | "stable";
  readonly isOn: boolean;
  /** A kubelet that is told otherwise does not start. */
  readonly isLocked: boolean;
}

/** Not a gate of this minor: a kubelet that is given it does not start. */
const none = undefined;
const alpha: GateState = { stage: "alpha", isOn: false, isLocked: false };
const betaOff: GateState = { stage: "beta", isOn: false, isLocked: false };
const beta: GateState = { stage: "beta", isOn: true, isLocked: false };
const stable: GateState = { stage: "stable", isOn: true, isLocked: false };
const locked: GateState = { stage: "stable", isOn: true, isLocked: true };

/** What a gate is in each of some minors. */
type StatesOf<Minors extends readonly number[]> = {
  readonly [At in keyof Minors]: GateState | undefined;
};
type States = StatesOf<typeof KNOWN_MINORS>;

/** Gates that decide on a pod: its verdict, its defaults or both. */
const DECIDING = {
  ContainerRestartRules: [none, none, none, alpha, beta, beta, beta],
  EnvFiles: [none, none, none, alpha, beta, beta, beta],
  ImageVolume: [alpha, alpha, betaOff, betaOff, beta, locked, locked],
  InPlacePodVerticalScaling: [alpha, alpha, beta, beta, locked, locked, locked],
  MatchLabelKeysInPodTopologySpread: [beta, beta, beta, beta, beta, beta, beta],
  MatchLabelKeysInPodTopologySpreadSelectorMerge: [none, none, none, beta, beta, beta, beta],
  PodDeletionCost: [beta, beta, beta, beta, beta, beta, beta],
  PodLevelResources: [none, alpha, alpha, beta, beta, beta, beta],
  PreventStaticPodAPIReferences: [none, none, none, beta, beta, beta, none],
  RestartAllContainersOnContainerExits: [none, none, none, none, alpha, beta, beta],
  SELinuxMount: [alpha, alpha, betaOff, betaOff, betaOff, betaOff, stable],
  StrictIPCIDRValidation: [none, none, alpha, alpha, alpha, beta, beta],
  TaintTolerationComparisonOperators: [none, none, none, none, alpha, alpha, alpha],
  UserNamespacesHostNetworkSupport: [none, none, none, none, alpha, alpha, alpha],
} as const satisfies Readonly<Record<string, States>>;

/** Gates of pod fields that change no verdict: their fields are judged whatever they say. */
const WITHOUT_EFFECT = {
  AtomicWriteVolumeUserFields: [none, none, none, none, none, none, alpha],
  ClusterTrustBundleProjection: [alpha, alpha, betaOff, betaOff, betaOff, betaOff, stable],
  ContainerStopSignals: [none, none, alpha, alpha, alpha, alpha, alpha],
  DynamicResourceAllocation: [alpha, betaOff, betaOff, stable, locked, locked, locked],
  EmptyDirVolumeMode: [none, none, none, none, none, none, alpha],
  EvictionRequestAPI: [none, none, none, none, none, none, alpha],
  GRPCContainerProbeTLS: [none, none, none, none, none, none, alpha],
  GenericWorkload: [none, none, none, none, alpha, alpha, alpha],
  H2CContainerProbe: [none, none, none, none, none, none, alpha],
  HostnameOverride: [none, none, none, alpha, beta, beta, locked],
  ImageVolumeWithDigest: [none, none, none, none, none, alpha, alpha],
  NodeInclusionPolicyInPodTopologySpread: [beta, beta, locked, locked, locked, locked, locked],
  PodCertificateRequest: [none, none, none, alpha, betaOff, betaOff, stable],
  PodLifecycleSleepActionAllowZero: [none, alpha, beta, locked, locked, locked, none],
  ProcMountType: [betaOff, betaOff, beta, beta, beta, locked, locked],
  RecursiveReadOnlyMounts: [beta, beta, locked, locked, locked, locked, locked],
  RelaxedDNSSearchValidation: [none, alpha, beta, locked, locked, locked, none],
  RelaxedEnvironmentVariableValidation: [alpha, beta, beta, locked, locked, locked, locked],
  SELinuxChangePolicy: [none, alpha, beta, beta, beta, locked, locked],
  SidecarContainers: [beta, beta, locked, locked, locked, locked, none],
  SupplementalGroupsPolicy: [alpha, alpha, beta, beta, locked, locked, locked],
  UserNamespacesSupport: [betaOff, betaOff, beta, beta, beta, locked, locked],
  VolumeBindMountOptions: [none, none, none, none, none, none, alpha],
} as const satisfies Readonly<Record<string, States>>;

/** A gate that decides on pods. */
export type DecidingGate = keyof typeof DECIDING;

const TABLE: ReadonlyMap<string, States> = new Map<string, States>([
  ...Object.entries(DECIDING),
  ...Object.entries(WITHOUT_EFFECT),
]);

/** Two gates that stand for all of a stage, but for those that are set by name. */
const STAGE_GATES = { AllAlpha: "alpha", AllBeta: "beta" } as const;

/** The names of all gates that podstead knows, for completion and suggestions. */
export const GATE_NAMES: readonly string[] = [...TABLE.keys(), ...Object.keys(STAGE_GATES)].sort();

function stateOf(name: string, minor: number): GateState | undefined {
  const known = Math.min(Math.max(minor, OLDEST_MINOR), NEWEST_MINOR);
  return TABLE.get(name)?.[known - OLDEST_MINOR];
}

/** Whether a gate is on in a kubelet of this minor with these settings; false for one that it does not have. */
export function isGateOn(name: DecidingGate, minor: number, settings: GateSettings): boolean {
  const state = stateOf(name, minor);
  if (state === undefined) return false;
  if (state.isLocked) return state.isOn;
  const own = settingOf(name, settings);
  if (own !== undefined) return own;
  const ofStage = Object.entries(STAGE_GATES).find(([, stage]) => stage === state.stage)?.[0];
  return (ofStage === undefined ? undefined : settingOf(ofStage, settings)) ?? state.isOn;
}

function settingOf(name: string, settings: GateSettings): boolean | undefined {
  return Object.hasOwn(settings, name) ? settings[name] : undefined;
}

/** A gate that decides on pods, as it was assumed for a verdict. */
export interface AssumedGate {
  readonly name: string;
  readonly enabled: boolean;
  /** Whether that is what this minor does by itself. */
  readonly isDefault: boolean;
}

/** The deciding gates of a minor with these settings, by name. */
export function assumedGates(minor: number, settings: GateSettings): readonly AssumedGate[] {
  const assumed: AssumedGate[] = [];
  for (const name of Object.keys(DECIDING).sort() as DecidingGate[]) { // the keys of that table
    const state = stateOf(name, minor);
    if (state === undefined) continue;
    const enabled = isGateOn(name, minor, settings);
    assumed.push({ name, enabled, isDefault: enabled === state.isOn });
  }
  return assumed;
}

/** Why a kubelet of this minor would not start with a setting. */
export type GateProblem =
  /** No gate of this name is known in any minor, perhaps one near it; it may have nothing to do with pods. */
  | { readonly kind: "unknown"; readonly name: string; readonly near?: string }
  /** Another minor has it. */
  | { readonly kind: "absent"; readonly name: string }
  /** It can no longer be set to this value. */
  | { readonly kind: "locked"; readonly name: string; readonly lockedTo: boolean };

/** What is wrong with settings for a kubelet of this minor. */
export function gateProblems(minor: number, settings: GateSettings): readonly GateProblem[] {
  const problems: GateProblem[] = [];
  for (const [name, value] of Object.entries(settings)) {
    if (Object.hasOwn(STAGE_GATES, name)) continue;
    if (!TABLE.has(name)) {
      const near = nearest(name, GATE_NAMES);
      problems.push({ kind: "unknown", name, ...(near === undefined ? {} : { near }) });
      continue;
    }
    const state = stateOf(name, minor);
    // What a newer kubelet than is known has or locks is not known either.
    if (minor > NEWEST_MINOR) continue;
    if (state === undefined) problems.push({ kind: "absent", name });
    else if (state.isLocked && state.isOn !== value) {
      problems.push({ kind: "locked", name, lockedTo: state.isOn });
    }
  }
  return problems;
}

/** Such a problem as text, without a full stop. */
export function gateProblemText(problem: GateProblem, minor: number): string {
  const { name } = problem;
  switch (problem.kind) {
    case "unknown":
      return problem.near === undefined
        ? `no feature gate ${name} is known that decides on pods`
        : `no feature gate ${name} is known; did you mean ${problem.near}?`;
    case "absent":
      return `Kubernetes 1.${minor} has no feature gate ${name}: a kubelet does not start with it`;
    case "locked":
      return `Kubernetes 1.${minor} has locked the feature gate ${name} to ${problem.lockedTo}: ` +
        "a kubelet does not start with another value";
  }
}
