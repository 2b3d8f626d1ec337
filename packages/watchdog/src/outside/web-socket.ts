// A WebSocket client that is enough for Node's inspector: text messages, no extensions. Node 20 has no global WebSocket.
//
//   http upgrade ─▶ frames:  [fin, opcode] [mask bit, length] [length, 2 or 8 bytes] [mask, 4 bytes] payload
//
// The server sends its frames without a mask, and may split a message. The client masks its frames, as the protocol wants.
import { randomBytes } from "node:crypto";
import { get } from "node:http";
import type { Socket } from "node:net";

const FIN = 0x80;
const MASKED = 0x80;
const opcode = { text: 1, close: 8, ping: 9, pong: 10 } as const;

/** What a connection tells its user. */
export interface WebSocketListener {
  message(text: string): void;
  /** The connection has ended. Called once. */
  closed(): void;
}

export interface WebSocketConnection {
  send(text: string): void;
  close(): void;
}

/** @throws Error the server does not answer, or not as a WebSocket */
export function connectWebSocket(port: number, path: string, listener: WebSocketListener): Promise<WebSocketConnection> {
  return new Promise((resolve, reject) => {
    const headers = { Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Key": randomBytes(16).toString("base64"), "Sec-WebSocket-Version": "13" };
    const request = get({ host: "127.0.0.1", port, path, headers, agent: false });
    request.once("error", reject);
    request.once("response", (response) => {
      response.resume();
      reject(new Error(`The inspector answered ${response.statusCode}.`));
    });
    request.once("upgrade", (_response, socket: Socket, head) => resolve(connection(socket, head, listener)));
  });
}

function connection(socket: Socket, head: Buffer, listener: WebSocketListener): WebSocketConnection {
  let received = head;
  let parts: Buffer[] = [];
  const send = (code: number, payload: Buffer): void => void (socket.destroyed || socket.write(frame(code, payload)));
  const read = (): void => {
    for (let next = takeFrame(received); next !== undefined; next = takeFrame(received)) {
      received = next.rest;
      if (next.code === opcode.close) socket.end();
      else if (next.code === opcode.ping) send(opcode.pong, next.payload);
      else if (next.code !== opcode.pong) {
        parts.push(next.payload);
        if (!next.isLast) continue;
        const text = Buffer.concat(parts).toString();
        parts = [];
        listener.message(text);
      }
    }
  };
  socket.setNoDelay(true);
  socket.on("data", (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    read();
  });
  socket.on("error", () => {}); // "close" follows
  socket.once("close", () => listener.closed());
  read();
  return { send: (text) => send(opcode.text, Buffer.from(text)), close: () => void socket.destroy() };
}

function frame(code: number, payload: Buffer): Buffer {
  const size = payload.length;
  const header = size < 126 ? Buffer.from([FIN | code, MASKED | size]) : size < 65_536 ? Buffer.from([FIN | code, MASKED | 126, size >> 8, size & 255]) : Buffer.alloc(10, 0);
  if (size >= 65_536) {
    header.set([FIN | code, MASKED | 127]);
    header.writeBigUInt64BE(BigInt(size), 2);
  }
  const mask = randomBytes(4);
  return Buffer.concat([header, mask, payload.map((byte, index) => byte ^ mask[index & 3]!)]);
}

interface Frame {
  readonly code: number;
  readonly isLast: boolean;
  readonly payload: Buffer;
  readonly rest: Buffer;
}

/** The first frame of `bytes`; `undefined`: it has not arrived whole. */
function takeFrame(bytes: Buffer): Frame | undefined {
  if (bytes.length < 2) return undefined;
  const short = bytes[1]! & 127;
  const start = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < start) return undefined;
  const size = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  if (bytes.length < start + size) return undefined;
  return { code: bytes[0]! & 15, isLast: (bytes[0]! & FIN) !== 0, payload: bytes.subarray(start, start + size), rest: bytes.subarray(start + size) };
}
