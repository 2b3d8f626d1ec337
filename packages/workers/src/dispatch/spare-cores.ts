// The count of busy workers over all pools of this thread: dispatch/ keeps it, and threads read it.
import { SpareCores } from "../protocol/spare-cores.js";

export const spareCores = new SpareCores();
