import type { Person } from "../api/types";

/** What pages call somebody, who need not have said a name. */
export const nameOf = (person: Person) => person.display_name || person.username;
