// The hooks that Jest gives to `import "@jest/globals"`, which resolves inside Jest alone.
declare module "@jest/globals" {
  export const { beforeAll, beforeEach, afterEach, afterAll }: import("./guard.js").TestHooks;
}
