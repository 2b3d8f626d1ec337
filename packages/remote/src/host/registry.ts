// What a host serves: the exports of the modules that it lists. Anything else is refused before an import.
import { FunctionTravelError, InvalidOptionError } from "@offloop/workers/executor";
import { arriving, type CallTarget, type FunctionReference, leadsToPlatform, modulesBelow, referenceTarget } from "@offloop/workers/pool";

/** The functions that one host serves. */
export class Registry {
  readonly #root: string;
  /** By module, relative to the root: the exports that are served; `undefined`: all of them. */
  readonly #served = new Map<string, Set<string> | undefined>();
  readonly #targets = new Map<string, CallTarget>();

  /**
   * @param root the URL of the folder
   * @param modules relative to the root, each with an optional export: `./tasks.js`, `./tasks.js#render`
   * @throws InvalidOptionError a module is outside the root
   */
  constructor(root: string, modules: readonly string[]) {
    this.#root = root;
    const { nameOf } = modulesBelow(root);
    for (const each of modules) {
      const [path = "", name] = each.split("#");
      const { href } = new URL(path, root);
      if (path === "" || !href.startsWith(root)) throw new InvalidOptionError("modules", `modules of startHost() takes modules below the root ${root}, such as "./tasks.js" or "./tasks.js#render"; got ${JSON.stringify(each)}.`);
      const module = nameOf(href);
      const before = this.#served.get(module);
      if (name === undefined || (before === undefined && this.#served.has(module))) this.#served.set(module, undefined);
      else this.#served.set(module, (before ?? new Set()).add(name));
    }
  }

  /** The modules and exports that are served, for people. */
  get list(): string[] {
    return [...this.#served].flatMap(([module, names]) => (names === undefined ? [module] : [...names].map((name) => `${module}#${name}`)));
  }

  /**
   * The function of a call, as the host's pool takes it. Nothing is imported here.
   * @throws FunctionTravelError the host does not serve it
   */
  target(fn: FunctionReference): CallTarget {
    const key = `${fn.loader} ${fn.module}#${fn.export}`;
    let target = this.#targets.get(key);
    if (target !== undefined) return target;
    this.#check(fn);
    this.#targets.set(key, (target = referenceTarget(arriving(fn, modulesBelow(this.#root)) as FunctionReference)));
    return target;
  }

  #check({ module, export: path, loader, from }: FunctionReference): void {
    const names = this.#served.get(module);
    const listed = this.#served.has(module) && (names === undefined || names.has(path));
    if (listed && from === undefined && (loader === "import" || loader === "require") && !leadsToPlatform(path)) return;
    throw new FunctionTravelError(`${path} of ${module} is not served by this host, which serves ${this.list.join(", ")}. List the module among the modules of startHost().`);
  }
}
