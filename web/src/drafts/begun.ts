/** The drafts with their places, the one written last first. */
import type { Written } from "../composer/drafts";
import { type DraftPlace, placeOf } from "../composer/sync-drafts";

export interface Begun extends DraftPlace, Written {
  readonly key: string;
}

export const begun = (drafts: Readonly<Record<string, Written>>): Begun[] =>
  Object.entries(drafts)
    .flatMap(([key, written]) => {
      const place = placeOf(key);
      return place ? [{ key, ...place, ...written }] : [];
    })
    .toSorted((one, other) => other.at - one.at || one.key.localeCompare(other.key));
