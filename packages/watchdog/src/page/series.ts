// Four small charts of what the samples say: waiting calls, calls a second, utilisation and heap.
import { byId, color, count, el, megabytes, setText, surface } from "./dom.js";
import type { Model, Point, Span } from "./model.js";

interface Series {
  readonly title: string;
  readonly of: (point: Point) => number;
  readonly text: (value: number) => string;
  /** The least value at the top of the scale. */
  readonly top: number;
}

const series: readonly Series[] = [
  { title: "waiting calls", of: ({ queued }) => queued, text: count, top: 4 },
  { title: "calls a second", of: ({ perSecond }) => perSecond, text: count, top: 10 },
  { title: "utilisation", of: ({ utilization }) => utilization, text: (value) => `${Math.round(value * 100)} %`, top: 1 },
  { title: "heap", of: ({ heapBytes }) => heapBytes, text: megabytes, top: 10e6 },
];

export class SmallCharts {
  readonly #charts = series.map((each) => {
    const [value, canvas] = [el("b"), el("canvas", { role: "img", "aria-label": each.title })];
    byId("series").append(el("figure", {}, el("figcaption", {}, each.title, value), canvas));
    return { ...each, value, canvas };
  });

  draw(model: Model, { from, until }: Span): void {
    const points = model.points.filter(({ at }) => at >= from && at <= until);
    for (const { of, text, top: least, title, value, canvas } of this.#charts) {
      const { context, width, height } = surface(canvas);
      const values = points.map(of);
      const top = Math.max(least, ...values) * 1.1;
      const x = (time: number): number => ((time - from) / (until - from)) * width;
      const y = (amount: number): number => height - 1 - (amount / top) * (height - 4);
      context.strokeStyle = color("--line");
      context.strokeRect(0.5, 0.5, width - 1, height - 1);
      if (points.length > 1) {
        context.beginPath();
        for (const [index, { at }] of points.entries()) context.lineTo(x(at), y(values[index]!));
        context.strokeStyle = color("--blue");
        context.lineWidth = 1.4;
        context.stroke();
        context.lineWidth = 1;
        context.lineTo(x(points.at(-1)!.at), height);
        context.lineTo(x(points[0]!.at), height);
        context.fillStyle = color("--blue-weak");
        context.fill();
      }
      const now = values.at(-1);
      setText(value, now === undefined ? "–" : text(now));
      canvas.setAttribute("aria-label", now === undefined ? title : `${title}: ${text(now)} now, ${text(Math.max(...values))} at most in this time span`);
    }
  }
}
