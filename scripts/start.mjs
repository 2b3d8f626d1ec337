// `npm start`: sets up what is missing, then runs the main job. Arguments go to the example.
import { join } from "node:path";
import { args, exec, root, setup } from "./setup.mjs";

setup();
exec(process.execPath, ["--enable-source-maps", join(root, "examples/markdown-server/dist/main.js"), ...args]);
