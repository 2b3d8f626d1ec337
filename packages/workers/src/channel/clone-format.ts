// The parts of V8's format of structured clones that message-encoder.ts writes and message-decoder.ts
// reads by itself. Every V8 reads what an earlier one has written; see value-serializer.cc there.

/** The first byte, before the version of the format. */
export const FORMAT = 0xff;

/** The version that Node 20 to 26 write. */
export const VERSION = 15;

const tag = (character: string): number => character.charCodeAt(0);

export const PADDING = 0;
export const UNDEFINED = tag("_");
export const NULL = tag("0");
export const TRUE = tag("T");
export const FALSE = tag("F");
/** Zigzag, then seven bits a byte. */
export const INT32 = tag("I");
export const UINT32 = tag("U");
export const DOUBLE = tag("N");
/** Length, then Latin-1. */
export const ONE_BYTE_STRING = tag('"');
/** Length in bytes, then UTF-16. */
export const TWO_BYTE_STRING = tag("c");
/** An object that has come before, by its number. */
export const REFERENCE = tag("^");
/** Keys and values; then, behind its end, their number. */
export const OBJECT = tag("o");
export const OBJECT_END = tag("{");
/** Length, elements, properties; then, behind its end, their number, and the length again. */
export const ARRAY = tag("A");
export const ARRAY_END = tag("$");
/** What the writer has written by itself: here, views of buffers. */
export const HOST_OBJECT = tag("\\");
