export { CancelledError } from "@offloop/workers/executor";
