import type { ReloadOutcome, ResourceStore, ResourceType } from "../../agent/mod.ts";
import type {
  AgentInfo,
  CertificateEnd,
  FetchLogView,
  ReloadQuery,
  Resource,
  ResourceEvent,
} from "../contract/mod.ts";
import type { Handlers } from "./handlers.ts";
import { withoutValues } from "./hide_secrets.ts";

/** What the handlers show and move. */
export interface AgentHandlersDeps {
  readonly info: () => AgentInfo;
  readonly fetches: () => FetchLogView;
  readonly store: ResourceStore;
  readonly reload: (query: ReloadQuery, callerUid?: number) => Promise<ReloadOutcome>;
  /** What a reload would do now; changes nothing. */
  readonly plan: (query: ReloadQuery) => Promise<ReloadOutcome>;
  readonly certificates: () => Promise<readonly CertificateEnd[]>;
  /** Brings the resources of a type up to date before they are listed. */
  readonly refresh: (type: ResourceType, signal: AbortSignal) => Promise<void>;
  /** Keeps the resources of a type up to date while they are watched. */
  readonly keepFresh: (type: ResourceType, signal: AbortSignal) => void;
}

/** Who the agent is, its reloads and its resources. */
export function agentHandlers(
  { info, fetches, store, reload, plan, certificates, refresh, keepFresh }: AgentHandlersDeps,
): Pick<
  Handlers,
  "agent" | "certificates" | "fetches" | "reload" | "plan" | "resources" | "watch"
> {
  return {
    agent: info,
    fetches,
    reload: (query, _signal, { uid }) => reload(query, uid),
    plan,
    certificates,
    async resources({ type, showSecrets = false }, signal) {
      await refresh(type, signal);
      const node = info().node.address;
      const items = store.list(type).map((resource) => shown(node, resource, showSecrets));
      return { apiVersion: "podstead.dev/v1", items };
    },
    async *watch({ type, showSecrets = false }, signal): AsyncGenerator<ResourceEvent> {
      keepFresh(type, signal);
      const node = info().node.address;
      for await (const { event, resource } of store.watch(type, signal)) {
        yield { event, resource: shown(node, resource, showSecrets) };
      }
    },
  };
}

/** A resource as it is answered: of a Secret, its values only where they are asked for. */
function shown(
  node: string,
  resource: ReturnType<ResourceStore["list"]>[number],
  showSecrets: boolean,
): Resource {
  const isHidden = resource.type === "Secret" && !showSecrets;
  return { node, ...resource, ...(isHidden ? { spec: withoutValues(resource.spec) } : {}) };
}
