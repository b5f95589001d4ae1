/** Expressions of templates that were not rendered. */
import { findPlaceholder, findTemplateBlock, renderHint } from "../../core/mod.ts";
import type { TemplateMark } from "../../core/mod.ts";
import { FieldPath } from "../issue.ts";
import type { Container } from "../types/mod.ts";
import { allContainers } from "../validation/containers/visit_containers.ts";
import type { ReportWarning, WarningRule } from "./rule.ts";
import { visitStrings } from "./visit_strings.ts";

const SPEC = FieldPath.root("spec");

/** Fields whose values no shell reads, so that `$X` or `<X>` there is a template's too. */
const PLAIN_FIELDS = new Set([
  "image",
  "reference",
  "host",
  "hostIP",
  "port",
  "ip",
  "hostnames",
  "hostname",
  "subdomain",
  "server",
  "nameservers",
  "searches",
]);

/** What programs and people read; arguments and variables have a rule of their own. */
const OTHERS_READ = new Set([
  "annotations",
  "args",
  "command",
  "env",
  "httpHeaders",
  "managedFields",
  "status",
]);

/** Rules on what a template engine should have replaced. */
export const TEMPLATE_RULES: readonly WarningRule[] = [
  {
    name: "template-in-value",
    type: "Unrendered template",
    fields: [
      "spec.containers.image",
      "spec.containers.livenessProbe.httpGet.host",
      "spec.hostname",
      "spec.volumes.nfs.server",
    ],
    about: "A value holds `{{ }}`, `{% %}` or `<% %>`, or an image, port or host holds `${X}`, " +
      "`$X`, `<X>`, `%X%`, `@X@`, `__X__` or the like, which neither the kubelet nor a runtime " +
      "replaces.",
    hint: "Render the template first and give its output to podstead",
    find({ declared }, report) {
      visitStrings(declared, OTHERS_READ, (path, value, isKey) => {
        if (isKey || value.includes("\n")) return;
        const field = path.path.findLast((segment) => typeof segment === "string") ?? "";
        const mark = PLAIN_FIELDS.has(String(field)) ? findPlaceholder(value) : undefined;
        reportMark(path, value, mark ?? findTemplateBlock(value), report);
      });
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
