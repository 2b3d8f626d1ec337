// Compares what the watchdog told of a stall with what V8's profile says, and with what the program says of itself.
import { basename } from "node:path";
import { original } from "./original.mjs";

/**
 * @param stall what the watchdog told
 * @param expected what `expectedOf()` read from the profile
 * @param program what `readPrograms()` read from the program
 * @param functions all functions of the profile
 * @returns what is wrong with the place, the kind, the hot function and the advice; `undefined`: it is right
 */
export function compare(stall, expected, program, functions) {
  return {
    place: placeFault(stall, expected, program, functions),
    kind: kindFault(stall, expected, program),
    hot: hotFault(stall, expected, functions),
    advice: adviceFault(stall, program),
  };
}

function placeFault({ place }, { places, foreign }, { file, awaits }, functions) {
  if (place === undefined) return "no place";
  if (places.length > 0) return wrong(place, places, functions);
  // A profile does not show who awaits.
  if (awaits !== undefined) return basename(place.file) === basename(file) && lastName(place.function) === awaits ? undefined : `${text(place)} instead of ${awaits}, which awaits`;
  return foreign.length > 0 ? wrong(place, foreign, functions) : undefined;
}

function kindFault({ kind, phase }, { kinds }, program) {
  // While the program starts, loading is what it has to do.
  const wanted = program.kind === undefined ? kinds.map((name) => (name === "loading" && phase === "startup" ? "script" : name)) : program.kind;
  return wanted.includes(kind) ? undefined : `${kind} instead of ${wanted.join(" or ")}`;
}

/** The function in which most of the time was spent is the place itself, or it is named. */
function hotFault({ hot, place, kind }, { hot: hottest }, functions) {
  const told = hot ?? place;
  return kind !== "script" || told === undefined || hottest.length === 0 ? undefined : wrong(told, hottest, functions);
}

function adviceFault({ fix, kind }, { advice }) {
  const wanted = { collection: ["garbage collection"], loading: ["load them at the start"] }[kind] ?? advice;
  return wanted.some((part) => fix.includes(part)) ? undefined : `"${fix}"`;
}

function wrong(told, expected, functions) {
  return expected.some(({ frame }) => isIn(told, frame, functions)) ? undefined : `${text(told)} instead of ${expected.map(({ frame, share }) => `${text({ ...frame, function: frame.name })} (${Math.round(share * 100)} %)`).join(" or ")}`;
}

/** Whether a position is in a function: no other of the same name begins between the two. */
function isIn(told, frame, functions) {
  if (told.file === frame.file) return lastName(told.function) === lastName(frame.name) && isNearest(told, frame, functions.filter(({ file, name }) => file === frame.file && lastName(name) === lastName(frame.name)));
  // The watchdog applies the source maps that packages ship. Minified functions have names that mean nothing.
  const mapped = original(frame);
  if (mapped === undefined || mapped.file !== told.file) return false;
  return isNearest(told, mapped, functions.filter(({ file }) => file === frame.file).map(original).filter((other) => other?.file === mapped.file));
}

function isNearest({ line, column }, frame, others) {
  const isBefore = (other) => other.line < line || (other.line === line && other.column <= column);
  // A function begins at its parameters, and a constructor at those of its class.
  return frame.line <= line && !others.some((other) => isBefore(other) && (other.line > frame.line || (other.line === frame.line && other.column > frame.column)));
}

/** The watchdog names a method with its class. */
function lastName(name) {
  return name.split(/[. ]/).at(-1);
}

function text({ file, line, function: name }) {
  return `${file.split(/(?:node_modules|\.ci[\\/]diagnosis)[\\/]/).at(-1).split("/").slice(-4).join("/")}:${line} ${name || "(unnamed)"}`;
}
