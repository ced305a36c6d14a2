import { Everybody } from "./Everybody";
import { PersonPage } from "./PersonPage";
import "./people.css";

/** The people here, or one of them. */
export default function PeoplePage({ person }: { person: string | undefined }) {
  return person ? <PersonPage key={person} id={person} /> : <Everybody />;
}
