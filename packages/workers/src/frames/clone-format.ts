// The parts of V8's structured-clone format that message-encoder.ts writes and message-decoder.ts reads.
// Every version of V8 reads what earlier versions wrote. The format is defined in V8's value-serializer.cc.

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
/** A reference to an earlier object, by its number. */
export const REFERENCE = tag("^");
/** Keys and values; after the end mark, the number of properties. */
export const OBJECT = tag("o");
export const OBJECT_END = tag("{");
/** Length, elements, properties; after the end mark, the number of properties and the length again. */
export const ARRAY = tag("A");
export const ARRAY_END = tag("$");
/** Length, then the bytes. */
export const ARRAY_BUFFER = tag("B");
/** A buffer that is sent apart, by its number: here, an attachment. */
export const ARRAY_BUFFER_TRANSFER = tag("t");
/** An object that the embedder writes: here, a view of a buffer. */
export const HOST_OBJECT = tag("\\");
