/** The control plane among the declared pods of a node. */
import type { JsonObject, Problem } from "../../core/mod.ts";
import { type DeclaredPod, type DeclaredSet, formatKey, podKey, specHash } from "../../pods/mod.ts";
import type { Component, ControlPlanePlan, PlaceOf, RenderProblem } from "../plan.ts";
import type { PreparedComponent } from "./prepare.ts";

/** A control plane pod as the agent takes it in. */
export interface ControlPlanePod {
  readonly declared: DeclaredPod;
  /** The same as earlier versions of podstead declared it: one that is served stays. */
  readonly earlier?: readonly DeclaredPod[];
  /** Why it cannot be served yet; absent if it can. */
  readonly held?: string;
}

/** A control plane as the agent takes it in. */
export interface ControlPlanePods {
  readonly pods: readonly ControlPlanePod[];
  /** Components that are wanted but could not be rendered: what is served of them stays. */
  readonly failed: readonly Component[];
  readonly problems: readonly Problem[];
}

/** No control plane. */
export const NO_CONTROL_PLANE: ControlPlanePods = { pods: [], failed: [], problems: [] };

/** A component as it is served already, if only an earlier podstead's choices differ; else as it is now. */
export function asServed(
  { earlier = [], ...pod }: ControlPlanePod,
  servedHash: string | undefined,
): ControlPlanePod {
  return { ...pod, declared: earlier.find(({ hash }) => hash === servedHash) ?? pod.declared };
}

/**
 * Gives prepared components their identity: the component's name as ID, which
 * has no namespace, and `kube-system/<component>` as key.
 *
 * @param file the config that the control plane is rendered from
 * @param placeOf where its settings stand; without it problems name the file alone
 */
export function declareControlPlane(
  plan: ControlPlanePlan,
  prepared: readonly PreparedComponent[],
  file: string,
  placeOf: PlaceOf = () => undefined,
): ControlPlanePods {
  return {
    pods: prepared.flatMap((component) => {
      const key = podKey(component.pod);
      if (key === undefined) return [];
      const { id } = component;
      const declare = (pod: JsonObject): DeclaredPod => ({
        key,
        id,
        pod,
        hash: specHash(pod),
        entry: entryIn(file, pod),
      });
      return [{
        declared: declare(component.pod),
        ...(component.earlierPods.length === 0
          ? {}
          : { earlier: component.earlierPods.map(declare) }),
        ...(component.state === "held" ? { held: component.reason } : {}),
      }];
    }),
    failed: plan.failed,
    problems: [
      ...plan.problems.map((problem) => toProblem(problem, file, placeOf)),
      ...prepared.flatMap((component) => findingProblems(component, file)),
    ],
  };
}

/**
 * Puts the control plane before a node's own pods. A pod of the node that has
 * the key or the ID of a component, also of one that is held back or failed,
 * is left out with a problem: the kubelet runs only one of them.
 */
export function joinDeclared(own: DeclaredSet, controlPlane: ControlPlanePods): DeclaredSet {
  const taken = new Set<string>([
    ...controlPlane.pods.map(({ declared }) => declared.id),
    ...controlPlane.failed,
  ]);
  const pods: DeclaredPod[] = [];
  const problems: Problem[] = [...own.problems];
  for (const pod of own.pods) {
    const component = [...taken].find((id) =>
      pod.id === id || formatKey(pod.key) === `kube-system/${id}`
    );
    if (component === undefined) pods.push(pod);
    else problems.push(conflict(pod, component));
  }
  return { pods, problems };
}

function conflict(pod: DeclaredPod, component: string): Problem {
  const { source } = pod.entry;
  const position = pod.entry.positionOf(["metadata", "name"]);
  return {
    severity: "error",
    code: "duplicate-pod",
    file: source.file,
    position,
    sourceLine: pod.entry.lineText(position.line),
    path: ["metadata", "name"],
    message: `Pod "${
      formatKey(pod.key)
    }" is ${component} of the control plane settings, which stays`,
    hint: "Remove the pod, or disable the component in machine.controlPlane",
  };
}

/** Where a rendered pod stands: it has no place of its own. */
export function entryIn(file: string, pod: JsonObject): DeclaredPod["entry"] {
  const start = { line: 1, column: 1 };
  return {
    source: { file, document: 0, index: 0, position: start },
    pod,
    positionOf: () => start,
    lineText: () => "",
  };
}

function toProblem(problem: RenderProblem, file: string, placeOf: PlaceOf): Problem {
  const { severity, code, path, message, wanted, hint } = problem;
  return {
    severity,
    code,
    file,
    ...placeOf(problem.document, path),
    path: problem.document === "node" ? path : [problem.document, ...path],
    message,
    ...(wanted === undefined ? {} : { wanted }),
    ...(hint === undefined ? {} : { hint }),
  };
}

function findingProblems(component: PreparedComponent, file: string): readonly Problem[] {
  return component.findings.map(({ severity, code, message, hint }) => ({
    // A pod that waits is no error of the config: its state says that it waits.
    severity: "warning",
    code: `control-plane-${code}`,
    file,
    path: ["cluster"],
    message: severity === "held" ? `${component.id} is held back: ${message}` : message,
    ...(hint === undefined ? {} : { hint }),
  }));
}
