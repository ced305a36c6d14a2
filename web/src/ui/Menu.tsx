import type { RefObject } from "react";
import { Menu as AriaMenu, MenuItem, Popover } from "react-aria-components";
import { Icon, type IconName } from "./Icon";
import { InLocale } from "./InLocale";
import "./listbox.css";

export interface Choice {
  id: string;
  label: string;
  icon?: IconName;
  danger?: boolean;
  run: () => void;
}

interface Props {
  label: string;
  trigger: RefObject<HTMLElement | null>;
  choices: readonly Choice[];
  onClose: () => void;
}

/** A menu under the button that opened it. Loaded when the first one opens. */
export default function Menu({ label, trigger, choices, onClose }: Props) {
  return (
    <InLocale>
      <Popover
        className="popover"
        aria-label={label}
        triggerRef={trigger}
        isOpen
        onOpenChange={(open) => !open && onClose()}
        placement="bottom end"
      >
        <AriaMenu
          aria-label={label}
          className="listbox"
          autoFocus="first"
          onClose={onClose}
          onAction={(id) => choices.find((choice) => choice.id === id)?.run()}
        >
          {choices.map(({ id, label: name, icon, danger }) => (
            <MenuItem
              key={id}
              id={id}
              textValue={name}
              className={danger ? "option danger" : "option"}
            >
              {icon && <Icon name={icon} small />}
              {name}
            </MenuItem>
          ))}
        </AriaMenu>
      </Popover>
    </InLocale>
  );
}
