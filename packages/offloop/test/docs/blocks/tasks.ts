// What the block of @offloop/remote's README imports as ./tasks.js.
export const render = (text: string): string => `<p>${text}</p>`;
