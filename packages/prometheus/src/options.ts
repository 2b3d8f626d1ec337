// The check of the options.
import { register as globalRegister, type Registry } from "prom-client";
import { checkOptions, integer, objectWith, type OptionTable } from "@offloop/workers/executor";

/** Options of `collectOffloopMetrics`. */
export interface OffloopMetricsOptions {
  /**
   * The registry in which the metrics are.
   * @default the global registry of prom-client
   */
  register?: Registry | undefined;
  /**
   * How many functions have time series of their own, by the label `function`; calls of all further functions are
   * counted as `other`. Each function adds some 100 series to a scrape. 0: there is no such label.
   * @default 0; 0 to 1000
   */
  functions?: number | undefined;
}

const table: OptionTable<OffloopMetricsOptions> = {
  register: objectWith(["registerMetric", "getSingleMetric", "removeSingleMetric"], "a Registry of prom-client"),
  functions: integer(0, 1_000),
};

/** @throws InvalidOptionError an option is unknown, or has a value that it does not take */
export function resolveOptions(options: OffloopMetricsOptions | undefined): { readonly register: Registry; readonly functions: number } {
  const { register = globalRegister, functions = 0 } = checkOptions("collectOffloopMetrics()", options, table);
  return { register, functions };
}
