import type { Person } from "../api/types";
import { paths } from "../kit/router";
import { Link } from "../ui/Link";
import { nameOf } from "./nameOf";

interface Props {
  person: Person;
  tabIndex?: number;
}

/** What somebody is called, which leads to who they are. */
export const PersonLink = ({ person, tabIndex }: Props) => (
  <Link className="person-link" href={paths.person(person.id)} tabIndex={tabIndex}>
    {nameOf(person)}
  </Link>
);
