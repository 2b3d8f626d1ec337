// `npm start`: installs and builds where needed, then runs the example markdown-server with its arguments.
import { join } from "node:path";
import { args, exec, root, setup } from "./setup.mjs";

setup();
exec(process.execPath, ["--enable-source-maps", join(root, "examples/markdown-server/dist/main.js"), ...args]);
