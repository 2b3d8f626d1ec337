// Groups captured objects into components, so that only the components that lead to a gap (a function, a
// symbol, an instance) are copied before they are cloned. Everything reachable from one variable is one
// component. Components that share an object are merged.
import type { ObjectKind } from "./captured-value.js";

type Kind = ObjectKind["kind"];

/** What is known of an object. One record for all objects of a kind in a component, because there may be millions. */
interface Entry {
  readonly kind: Kind;
  readonly component: Component;
}

class Component {
  readonly entries = new Map<Kind, Entry>();
  hasGaps = false;
  joined: Component | undefined;

  get root(): Component {
    return this.joined?.root ?? this;
  }
}

/** The objects that were discovered. */
export class Components {
  readonly #entries = new Map<object, Entry>();
  #current = new Component();

  /** Objects found from now on belong to another variable. */
  begin(): void {
    this.#current = new Component();
  }

  /** Whether `value` was found before. If so, it belongs to the current variable too. */
  meet(value: object): boolean {
    const entry = this.#entries.get(value);
    if (!entry) return false;
    const [known, current] = [entry.component.root, this.#current.root];
    if (known !== current) {
      current.joined = known;
      known.hasGaps ||= current.hasGaps;
    }
    return true;
  }

  add(value: object, kind: Kind): void {
    const component = this.#current;
    let entry = component.entries.get(kind);
    if (!entry) component.entries.set(kind, (entry = { kind, component }));
    this.#entries.set(value, entry);
  }

  /** The current variable leads to a value that cannot be cloned. */
  gap(): void {
    this.#current.root.hasGaps = true;
  }

  /** The kind of an object that must be copied; undefined for an object that is cloned unchanged. */
  kindToCopy(value: object): Kind | undefined {
    const entry = this.#entries.get(value);
    return entry?.component.root.hasGaps && entry.kind !== "leaf" ? entry.kind : undefined;
  }
}
