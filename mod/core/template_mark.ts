/** What is left in a text when its template was not rendered, by the syntax of the engines. */

/** A template expression, as it stands in a text. */
export interface TemplateMark {
  /** The expression itself, such as `{{ .Image }}`; cut where it is long. */
  readonly text: string;
  /** 0-based place in the text. */
  readonly index: number;
  /** What renders such expressions: `helm template, ansible-playbook or salt`. */
  readonly renderer: string;
}

interface Syntax {
  readonly pattern: RegExp;
  readonly renderer: string;
}

const GO_OR_JINJA = "`helm template`, `ansible-playbook`, `salt`";
const SUBSTITUTION = "`envsubst`, `sed`";

/** Expressions that mean nothing to YAML, the kubelet or a shell: they are always a template's. */
const BLOCKS: readonly Syntax[] = [
  // Go, Helm, Jinja, Salt, Mustache, Liquid, Tera; and GitHub's and OpenShift's ${{ }}.
  { pattern: /\$?(?:\{\{\{.*?\}\}\}|\{\{.*?(?:\}\}|$))/m, renderer: GO_OR_JINJA },
  { pattern: /\{%.*?(?:%\}|$)/m, renderer: GO_OR_JINJA },
  { pattern: /\{#(?!\{).*?#\}/, renderer: GO_OR_JINJA },
  // ERB, EJS, Puppet, Mako's blocks.
  { pattern: /<%.*?(?:%>|$)/m, renderer: "`erb`, `puppet`" },
  // FreeMarker.
  { pattern: /<\/?#[a-z]+\b[^>\n]*>/, renderer: "FreeMarker" },
  // Consul-template and others with other brackets.
  {
    pattern: /\[\[-? *(?:\.|\$|(?:range|end|key|env|secret|with|else|var|template)\b)[^\]\n]*\]\]/,
    renderer: "`consul-template`",
  },
  // Terraform.
  { pattern: /%\{ *(?:if|for|else|endif|endfor)\b[^}\n]*\}/, renderer: "`terraform`" },
];

/** Expressions that a shell or a person may also mean, so they count only where neither reads. */
const PLACEHOLDERS: readonly Syntax[] = [
  { pattern: /\$\{[^}\s]*\}?/, renderer: SUBSTITUTION },
  { pattern: /\$\([^)\s]*\)/, renderer: "`kustomize build`, a pipeline" },
  { pattern: /\$\[[^\]\n]*\]/, renderer: "a pipeline" },
  { pattern: /\$[A-Za-z_]\w*/, renderer: SUBSTITUTION },
  { pattern: /#\{[^}\s]*\}#?/, renderer: "a pipeline" },
  { pattern: /%%?[A-Za-z_][\w.-]*%%?/, renderer: SUBSTITUTION },
  { pattern: /@@?[A-Za-z_][\w.-]*@@?/, renderer: "`configure`, `sed`" },
  { pattern: /(?<![A-Za-z0-9])__[A-Za-z][A-Za-z0-9_]*?__(?![A-Za-z0-9])/, renderer: SUBSTITUTION },
  { pattern: /<<?[A-Za-z][\w .:/-]*>>?/, renderer: SUBSTITUTION },
  { pattern: /\(\([A-Za-z][\w./-]*\)\)/, renderer: "`bosh interpolate`, `spruce`" },
  { pattern: /\{[A-Za-z_][\w.]*\}/, renderer: "the program that fills it in" },
  { pattern: /\[[A-Z][A-Z0-9_ -]+\]/, renderer: SUBSTITUTION },
];

/** The longest expression that is worth quoting. */
const MAX_QUOTED = 40;

/**
 * The first expression of a text that only a template engine understands;
 * undefined if there is none.
 */
export function findTemplateBlock(text: string): TemplateMark | undefined {
  return first(text, BLOCKS);
}

/**
 * As {@linkcode findTemplateBlock}, and also `${X}`, `$X`, `$(X)`, `<X>`, `%X%`,
 * `@X@`, `__X__`, `((x))`, `#{X}`, `{x}` and `[X]`: for values that no shell reads
 * and in which no such character is allowed, such as the name of an image.
 */
export function findPlaceholder(text: string): TemplateMark | undefined {
  return first(text, [...BLOCKS, ...PLACEHOLDERS]);
}

/** The variable of a shell in a text: `$X` or `${X}`; undefined if there is none. */
export function findShellVariable(text: string): TemplateMark | undefined {
  return first(text, [
    { pattern: /(?<![\\$])\$\{[A-Za-z_][^}\s]*\}/, renderer: SUBSTITUTION },
    { pattern: /(?<![\\$])\$[A-Za-z_]\w*/, renderer: SUBSTITUTION },
  ]);
}

/** The next step after an expression was found. */
export function renderHint(mark: TemplateMark): string {
  return `Render the template first (${mark.renderer}) and give its output to podstead`;
}

function first(text: string, syntaxes: readonly Syntax[]): TemplateMark | undefined {
  let found: TemplateMark | undefined;
  for (const { pattern, renderer } of syntaxes) {
    const match = pattern.exec(text);
    if (match === null || (found !== undefined && found.index <= match.index)) continue;
    const whole = match[0].trimEnd();
    const quoted = whole.length > MAX_QUOTED ? `${whole.slice(0, MAX_QUOTED - 1)}…` : whole;
    found = { text: quoted, index: match.index, renderer };
  }
  return found;
}
