import { AnagramForm } from "./form";

export default function Page() {
  return <AnagramForm />;
}
