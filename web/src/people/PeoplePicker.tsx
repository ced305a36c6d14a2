import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ComboBox, Input, Label, ListBox, ListBoxItem, Popover } from "react-aria-components";
import { api } from "../api/client";
import type { Person } from "../api/types";
import { useDebounced } from "../kit/useDebounced";
import { m } from "../paraglide/messages.js";
import { Avatar } from "../ui/Avatar";
import "../ui/listbox.css";

interface Props {
  label: string;
  note?: string;
  autoFocus?: boolean;
  /** Names already in, not offered again. */
  without?: ReadonlySet<string>;
  value: string;
  onChange: (username: string) => void;
  onPick?: (person: Person) => void;
}

/** A field for a user name that offers the people who match. Any other name may be written. */
export function PeoplePicker(props: Props) {
  const { label, note, autoFocus, without, value, onChange, onPick } = props;
  const query = useDebounced(value.trim().replace(/^@/, ""), 150);
  const [focused, setFocused] = useState(false);
  const found = useQuery({
    queryKey: ["people", query],
    queryFn: ({ signal }) => api.people(query, signal),
    enabled: focused && query.length > 0,
    staleTime: 30_000,
  });
  const people = (found.data?.items ?? []).filter(({ id }) => !without?.has(id));
  return (
    <ComboBox
      className="field"
      items={people}
      inputValue={value}
      onInputChange={onChange}
      onChange={(key) => {
        const person = people.find(({ id }) => id === key);
        if (!person) return;
        onChange(person.username);
        onPick?.(person);
      }}
      onFocusChange={setFocused}
      allowsCustomValue
      allowsEmptyCollection={false}
      menuTrigger="input"
      defaultFilter={() => true}
    >
      <Label>{label}</Label>
      <Input
        className="input"
        placeholder={m.username_placeholder()}
        autoCapitalize="none"
        autoComplete="off"
        spellCheck={false}
        maxLength={64}
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- only in a dialog opened for it
        autoFocus={autoFocus}
      />
      {note && <span className="note">{note}</span>}
      <Popover className="popover" offset={6}>
        <ListBox<Person> className="listbox">
          {(person) => (
            <ListBoxItem id={person.id} textValue={person.username} className="option">
              <Avatar person={person} size="small" />
              <span>
                <b>{person.display_name}</b> <small>@{person.username}</small>
              </span>
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}
