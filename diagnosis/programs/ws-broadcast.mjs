// A WebSocket server sends a large state to each of its clients.
// packages: ws@8.23.0
// advice: toThread(snapshot
import { WebSocket, WebSocketServer } from "ws";

const state = Array.from({ length: 15_000 }, (_, id) => ({ id, x: id / 3, y: id / 7, name: `Player ${id}` }));

function snapshot(viewer) {
  const visible = state.filter(({ x, y }) => Math.hypot(x - viewer.x, y - viewer.y) < 3_000).map((player) => ({ ...player, distance: Math.hypot(player.x - viewer.x, player.y - viewer.y) }));
  return JSON.stringify(visible.toSorted((a, b) => a.distance - b.distance));
}

function broadcast() {
  for (const client of server.clients) client.send(snapshot({ x: 10, y: client.bufferedAmount }));
}

const server = new WebSocketServer({ port: 0 });
await new Promise((resolve) => server.once("listening", resolve));
for (let viewer = 0; viewer < 25; viewer++) new WebSocket(`ws://127.0.0.1:${server.address().port}`).on("message", () => undefined);
setTimeout(broadcast, 1_500);
setTimeout(() => process.exit(), 4_000);
