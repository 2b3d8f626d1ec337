// The TypeScript compiler checks a project.
// packages: typescript@5.9.3 @types/node@20.19.43 undici-types@8.13.1
// command: typescript/bin/tsc --noEmit --skipLibCheck false --types node --lib es2022,dom --target es2022 node_modules/@types/node/index.d.ts
// advice: time goes in
