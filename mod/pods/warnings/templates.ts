/** Expressions of templates that nobody rendered. */
import { findPlaceholder, findTemplateBlock, renderHint } from "../../core/mod.ts";
import type { TemplateMark } from "../../core/mod.ts";
import { FieldPath } from "../issue.ts";
import type { Container, LifecycleHandler, Probe } from "../types/mod.ts";
import { allContainers } from "../validation/visit_containers.ts";
import type { ReportWarning, WarningRule } from "./rule.ts";

const SPEC = FieldPath.root("spec");

/** Rules on what a template engine should have replaced. */
export const TEMPLATE_RULES: readonly WarningRule[] = [
  {
    name: "template-in-value",
    type: "Unrendered template",
    fields: [
      "spec.containers.image",
      "spec.containers.ports.hostIP",
      "spec.containers.livenessProbe.httpGet.host",
      "spec.hostname",
      "spec.volumes.hostPath.path",
    ],
    about: "An image, port, host or path holds `{{ }}`, `{% %}`, `${X}`, `$X`, `<X>`, `%X%`, " +
      "`@X@`, `__X__` or the like, which neither the kubelet nor a runtime replaces.",
    hint: "Render the template first and give its output to podstead",
    find({ pod: { spec } }, report) {
      const look = (path: FieldPath, value: string | number) => {
        if (typeof value === "string") reportMark(path, value, findPlaceholder(value), report);
      };
      for (const { container, path } of allContainers(spec, SPEC)) {
        look(path.child("image"), container.image);
        for (const [at, { hostIP }] of container.ports.entries()) {
          look(path.child("ports").index(at).child("hostIP"), hostIP);
        }
        for (const [handler, place] of handlersOf(container, path)) lookAt(handler, place, look);
      }
      look(SPEC.child("hostname"), spec.hostname);
      for (const [at, alias] of spec.hostAliases.entries()) {
        const place = SPEC.child("hostAliases").index(at);
        look(place.child("ip"), alias.ip);
        alias.hostnames.forEach((name, index) => look(place.child("hostnames").index(index), name));
      }
      for (const [at, { image, nfs, hostPath }] of spec.volumes.entries()) {
        const place = SPEC.child("volumes").index(at);
        if (image !== undefined) look(place.child("image").child("reference"), image.reference);
        if (nfs !== undefined) look(place.child("nfs").child("server"), nfs.server);
        // `$X` and `~` in a path have a rule of their own.
        if (hostPath !== undefined && !hostPath.path.includes("$")) {
          look(place.child("hostPath").child("path"), hostPath.path);
        }
      }
    },
  },
  {
    name: "template-in-arguments",
    type: "Unrendered template",
    fields: ["spec.containers.args", "spec.containers.command", "spec.containers.env.value"],
    about: "An argument or a variable holds a template's expression. In arguments that no shell " +
      "reads, `${X}` and `$X` count too: the kubelet replaces `$(X)` only.",
    hint: "Render the template first and give its output to podstead",
    find({ pod: { spec } }, report) {
      for (const { container, path } of allContainers(spec, SPEC)) {
        for (const list of ["command", "args"] as const) {
          const words = container[list];
          if (words.length > 0) lookAtWords(container, words, path.child(list), report);
        }
        for (const [at, { value }] of container.env.entries()) {
          const place = path.child("env").index(at).child("value");
          if (isWhole(value)) reportMark(place, value, findTemplateBlock(value), report);
        }
      }
    },
  },
];

function lookAtWords(
  container: Container,
  words: readonly string[],
  path: FieldPath,
  report: ReportWarning,
): void {
  const all = [...container.command, ...container.args];
  const shell = all.some((word) => /(?:^|\/)(?:ba|da|a|z|k|fi)?sh$/.test(word)) ||
    container.command.length === 0; // the image's own entry point may be a shell
  for (const [at, word] of words.entries()) {
    // A script of several lines, or a format such as {{.Name}} inside other words, is text.
    if (/[\n;|&]/.test(word)) continue;
    const block = findTemplateBlock(word);
    if (block !== undefined && isWhole(word)) {
      reportMark(path.index(at), word, block, report);
      continue;
    }
    const variable = /^(?:--?[\w.-]+=)?(?:\$\{([A-Za-z_]\w*)\}|\$([A-Za-z_]\w*))$/.exec(word);
    if (variable === null || shell) continue;
    const name = variable[1] ?? variable[2];
    report(
      path.index(at),
      `"${word}" reaches the program as it is: no shell reads it, and the kubelet replaces ` +
        `$(${name}) only`,
      `Write $(${name}) and declare ${name} in env, or render the template first`,
    );
  }
}

/** Whether an expression is the value, or the value of one flag, and not a part of a longer text. */
function isWhole(text: string): boolean {
  return /^(?:--?[\w.-]+[= ])?[^\s{<]*(?:\$?\{\{.*\}\}|\{%.*%\}|<%.*%>|\[\[.*\]\])[^\s]*$/.test(
    text,
  ) &&
    !/^-{1,2}(?:format|template|log-format|output|o|jsonpath|go-template)\b/i.test(text) &&
    !/\{\{ *(?:json\b|\.[A-Z]\w*(?:\.[A-Z]\w*)* *\}\}[^{]*\{\{)/.test(text);
}

type Handler = Probe | LifecycleHandler;

function handlersOf(
  { livenessProbe, readinessProbe, startupProbe, lifecycle }: Container,
  path: FieldPath,
): readonly (readonly [Handler, FieldPath])[] {
  const hooks = path.child("lifecycle");
  const all: readonly (readonly [Handler | undefined, FieldPath])[] = [
    [livenessProbe, path.child("livenessProbe")],
    [readinessProbe, path.child("readinessProbe")],
    [startupProbe, path.child("startupProbe")],
    [lifecycle?.postStart, hooks.child("postStart")],
    [lifecycle?.preStop, hooks.child("preStop")],
  ];
  return all.flatMap(([handler, place]) =>
    handler === undefined ? [] : [[handler, place] as const]
  );
}

function lookAt(
  { httpGet, tcpSocket }: Handler,
  path: FieldPath,
  look: (path: FieldPath, value: string | number) => void,
): void {
  if (httpGet !== undefined) {
    const place = path.child("httpGet");
    look(place.child("host"), httpGet.host);
    look(place.child("port"), httpGet.port);
  }
  if (tcpSocket !== undefined) {
    const place = path.child("tcpSocket");
    look(place.child("host"), tcpSocket.host);
    look(place.child("port"), tcpSocket.port);
  }
}

function reportMark(
  path: FieldPath,
  value: string,
  mark: TemplateMark | undefined,
  report: ReportWarning,
): void {
  if (mark === undefined) return;
  const inside = mark.text === value
    ? ""
    : ` in "${value.length > 60 ? `${value.slice(0, 59)}…` : value}"`;
  report(
    path,
    `${mark.text}${inside} is a template's expression that was not rendered`,
    renderHint(mark),
  );
}
