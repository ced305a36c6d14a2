import { useQuery } from "@tanstack/react-query";
import { Autocomplete, Input, Label, ListBox, ListBoxItem, TextField } from "react-aria-components";
import { api } from "../api/client";
import type { Person } from "../api/types";
import { useDebounced } from "../kit/useDebounced";
import { m } from "../paraglide/messages.js";
import { Avatar } from "../ui/Avatar";
import { InLocale } from "../ui/InLocale";
import "../ui/listbox.css";

const SHOWN_MAX = 6;

interface Props {
  label: string;
  note?: string;
  autoFocus?: boolean;
  /** People who are not offered. */
  without?: ReadonlySet<string>;
  value: string;
  onChange: (username: string) => void;
  onPick?: (person: Person) => void;
}

/** A field for a user name that offers the people who match. Any other name may be written. */
export function PeoplePicker(props: Props) {
  const { label, note, autoFocus, without, value, onChange, onPick } = props;
  const people = useMatches(value, without);
  const pick = (id: React.Key) => {
    const person = people.find((candidate) => candidate.id === id);
    if (!person) return;
    onChange(person.username);
    onPick?.(person);
  };
  return (
    <InLocale>
      <Autocomplete inputValue={value} onInputChange={onChange} disableAutoFocusFirst>
        <TextField
          className="field"
          autoFocus={autoFocus}
        >
          <Label>{label}</Label>
          <Input
            className="input"
            placeholder={m.username_placeholder()}
            autoCapitalize="none"
            autoComplete="off"
            spellCheck={false}
            maxLength={64}
          />
          {note && <span className="note">{note}</span>}
        </TextField>
        {people.length > 0 && (
          <ListBox<Person>
            className="listbox suggestions"
            aria-label={m.people()}
            items={people}
            onAction={pick}
          >
            {(person) => (
              <ListBoxItem id={person.id} textValue={person.username} className="option">
                <Avatar person={person} size="small" />
                <span>
                  <b>{person.display_name}</b> <small>@{person.username}</small>
                </span>
              </ListBoxItem>
            )}
          </ListBox>
        )}
      </Autocomplete>
    </InLocale>
  );
}

const nobody: Person[] = [];

/** People whose name begins like what was written; none once it is written out. */
function useMatches(value: string, without: ReadonlySet<string> | undefined): Person[] {
  const written = value.trim().replace(/^@/, "");
  const query = useDebounced(written, 150);
  const found = useQuery({
    queryKey: ["people", query],
    queryFn: ({ signal }) => api.people(query, signal),
    enabled: query.length > 0,
    staleTime: 30_000,
  });
  if (!written) return nobody;
  const people = (found.data?.items ?? nobody).filter(({ id }) => !without?.has(id));
  const complete = people.some(({ username }) => username === written.toLowerCase());
  return complete ? nobody : people.slice(0, SHOWN_MAX);
}
