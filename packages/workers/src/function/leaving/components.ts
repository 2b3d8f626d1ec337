// Which captured objects hang together, so that only those that lead to a gap (a function, a symbol, an
// instance) are copied before they are cloned. What is reached from one variable is one component;
// components that meet in an object become one.
import type { ObjectKind } from "./captured-value.js";

type Kind = ObjectKind["kind"];

/** What is known of an object. One for all objects of a kind in a component, as there may be millions. */
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

  /** From here on objects belong to another variable. */
  begin(): void {
    this.#current = new Component();
  }

  /** Whether `value` was seen before; if so, it belongs to the current variable as well. */
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

  /** The current variable leads to something that cannot be cloned. */
  gap(): void {
    this.#current.root.hasGaps = true;
  }

  /** The kind of an object that has to be copied; undefined for one that is cloned as it is. */
  kindToCopy(value: object): Kind | undefined {
    const entry = this.#entries.get(value);
    return entry?.component.root.hasGaps && entry.kind !== "leaf" ? entry.kind : undefined;
  }
}
