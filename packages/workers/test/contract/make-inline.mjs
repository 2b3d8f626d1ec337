import { InlineExecutor } from "@offloop/workers";

export default (options) => new InlineExecutor(options);
