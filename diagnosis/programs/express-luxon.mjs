// A calendar is computed in several time zones.
// packages: express@5.3.0 luxon@3.7.2
// requests: GET /calendar
// advice: toThread(computeCalendar
// quick: yes
import express from "express";
import { DateTime } from "luxon";

const start = DateTime.fromISO("2024-01-01T08:00:00", { zone: "Europe/Berlin" });

function computeCalendar(days) {
  const entries = [];
  for (let day = 0; day < days; day++) for (const zone of ["Asia/Tokyo", "America/New_York"]) entries.push(start.plus({ days: day }).setZone(zone).toFormat("yyyy-LL-dd HH:mm ZZ"));
  return entries.length;
}

const app = express();
app.get("/calendar", (_request, response) => response.json(computeCalendar(6_000)));
app.listen(0, function () { console.log(`port ${this.address().port}`); });
