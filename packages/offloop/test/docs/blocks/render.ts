// What the README's first block imports as ./render.js.
export const renderDocument = (text: string): string => `<p>${text}</p>`;
