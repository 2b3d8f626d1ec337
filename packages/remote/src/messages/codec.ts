// Messages as bytes, with a signature if there is a secret. A signature is checked before anything is decoded, because
// decoding foreign bytes can fill the memory.
//
//   0 ‖ body                     without a secret
//   1 ‖ HMAC-SHA-256 ‖ body      the signature covers the purpose of the message too, so that nobody can use it for another one
import { createHmac, timingSafeEqual } from "node:crypto";
import { OffloopError } from "@offloop/workers/executor";
import { type Besides, decode, diagnoseClone, encode, type Parcel, parcelFor, unpackParcel } from "@offloop/workers/pool";

const UNSIGNED = 0;
const SIGNED = 1;
const MAC_BYTES = 32;
const HEAD_BYTES = 1 + MAC_BYTES;

/** A message was not accepted: it is not signed as it should be, or cannot be read. */
export class RemoteMessageError extends OffloopError {
  static override readonly code = "ERR_OFFLOOP_REMOTE_MESSAGE";
  declare readonly code: "ERR_OFFLOOP_REMOTE_MESSAGE";

  static {
    this.prototype.name = "RemoteMessageError";
  }
}

/** Writes and reads the messages of one peer. */
export class Codec {
  readonly #secret: string | Uint8Array | undefined;

  /** @param secret shared by callers and hosts; `undefined`: messages are not signed */
  constructor(secret?: string | Uint8Array) {
    this.#secret = secret;
  }

  /** @param purpose the queue and key of a call, or the inbox that a message is for. The reader passes the same. */
  write(purpose: string, message: object): Buffer {
    const body = encode(message);
    if (this.#secret === undefined) return Buffer.concat([Buffer.of(UNSIGNED), body]);
    return Buffer.concat([Buffer.of(SIGNED), this.#sign(this.#secret, purpose, body), body]);
  }

  /** @throws RemoteMessageError the signature is missing or wrong, or the bytes are no message */
  read(purpose: string, bytes: Uint8Array): unknown {
    const signed = bytes[0] === SIGNED;
    if (this.#secret !== undefined) {
      if (!signed) throw new RemoteMessageError("A message without a signature was dropped, because this side has a secret. Give every caller and host the same secret.");
      const body = bytes.subarray(HEAD_BYTES);
      const mac = bytes.subarray(1, HEAD_BYTES);
      if (mac.length !== MAC_BYTES || !timingSafeEqual(mac, this.#sign(this.#secret, purpose, body))) {
        throw new RemoteMessageError("A message with a wrong signature was dropped. Give every caller and host the same secret. If they have it, somebody else writes to the engine.");
      }
      return decodeBody(body);
    }
    if (signed) throw new RemoteMessageError("A signed message was dropped, because this side has no secret to check it. Give every caller and host the same secret.");
    return decodeBody(bytes.subarray(1));
  }

  #sign(secret: string | Uint8Array, purpose: string, body: Uint8Array): Buffer {
    return createHmac("sha256", secret).update(`${purpose.length}:${purpose}`).update(body).digest();
  }
}

function decodeBody(body: Uint8Array): unknown {
  try {
    return decode(body);
  } catch (cause) {
    throw new RemoteMessageError("A message that cannot be read was dropped: its bytes are damaged, or a program of another kind has sent it.", { cause });
  }
}

/** The purpose of a call in a queue. */
export const purposeOfCall = (queue: string, key: string): string => `call ${key} in ${queue}`;

/** The purpose of a message in an inbox. */
export const purposeOfInbox = (peer: string): string => `inbox ${peer}`;

/** The purpose of what a host tells about itself. */
export const purposeOfAbout = (host: string): string => `about ${host}`;

/** The reader of a value, for errors. */
export type Reader = "the worker" | "the caller";

/**
 * A value as bytes, complete: errors, Buffers and objects of the platform arrive as they were.
 * @param root the first word of paths in errors: `args`, `result`
 * @param name of the call, for errors
 * @throws CloneError names the path of the part that cannot cross
 */
export function pack(value: unknown, root: string, name: string, reader: Reader): Buffer {
  const besides: Besides = { moved: [], buffers: [] };
  try {
    const parcel = parcelFor(value, root, "process", besides);
    return encode(parcel === undefined ? { value } : { parcel });
  } catch (cause) {
    throw diagnoseClone(value, root, name, [], cause, reader);
  }
}

/** The value that `pack` turned into bytes. @throws CloneError it is nested deeper than this stack holds */
export function unpack(bytes: Uint8Array, reader: Reader, name: string): unknown {
  const { value, parcel } = decode(bytes) as { readonly value?: unknown; readonly parcel?: Parcel };
  return parcel === undefined ? value : unpackParcel(parcel, reader, name);
}
