// The number of busy workers in all pools of this thread. dispatch/ updates it, and worker threads read it.
import { SpareCores } from "../protocol/spare-cores.js";

export const spareCores = new SpareCores();
