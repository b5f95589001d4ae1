/** Who may see the pages: the one browser that had the token, asking under the page's own name. */
import { randomBytes, timingSafeEqual } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import { getCookie, setCookie } from "hono/cookie";

/** Keeps everybody out but the browser that was given the URL. */
export class Door {
  /** In the URL that is printed; good once. */
  readonly token = randomBytes(24).toString("base64url");
  /** In every form: a page of another origin cannot know it. */
  readonly formKey = randomBytes(24).toString("base64url");
  readonly #session = randomBytes(24).toString("base64url");
  #used = false;
  /** Cookies are not bound to a port: two commands at once each have their own. */
  readonly #cookie: string;
  readonly #hosts: ReadonlySet<string>;

  /** @param port where the pages are */
  constructor(port: number) {
    this.#cookie = `podstead_ui_${port}`;
    this.#hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`]);
  }

  /** The Host is checked first: another name for this address is a page that rebinds DNS. */
  readonly guard: MiddlewareHandler = async (context, next) => {
    const host = context.req.header("Host") ?? "";
    if (!this.#hosts.has(host)) return context.text("This page has another name\n", 421);
    const origin = context.req.header("Origin");
    if (origin !== undefined && origin !== `http://${host}`) {
      return context.text("Not from another page\n", 403);
    }
    // HEAD too would begin what is followed, such as a log, and never end it.
    if (context.req.method !== "GET" && context.req.method !== "POST") {
      return context.text("GET and POST alone\n", 405, { Allow: "GET, POST" });
    }
    if (context.req.path === "/enter") return this.#enter(context);
    if (!isEqual(getCookie(context, this.#cookie) ?? "", this.#session)) {
      return context.text(
        "Not signed in. Open the URL that `podstead ui` printed; it works once, for one browser. " +
          "Run `podstead ui` again for another.\n",
        401,
      );
    }
    await next();
  };

  #enter(context: Context): Response {
    const given = context.req.query("token") ?? "";
    if (context.req.method !== "GET" || this.#used || !isEqual(given, this.token)) {
      return context.text(
        "This token is not good, or was used before. Run `podstead ui` again.\n",
        401,
      );
    }
    this.#used = true;
    setCookie(context, this.#cookie, this.#session, {
      httpOnly: true,
      sameSite: "Strict",
      path: "/",
    });
    return context.redirect("/");
  }

  /** Whether a form was sent by a page of ours. */
  isOurs(formKey: unknown): boolean {
    return typeof formKey === "string" && isEqual(formKey, this.formKey);
  }
}

function isEqual(left: string, right: string): boolean {
  const [one, other] = [Buffer.from(left), Buffer.from(right)];
  return one.length === other.length && timingSafeEqual(one, other);
}
