import { useEffect, useRef } from "react";
import { Dialog, Popover } from "react-aria-components";
import { closeLayer } from "../app/layers";
import { m } from "../paraglide/messages.js";
import { InLocale } from "../ui/InLocale";
import "../ui/listbox.css";
import EmojiPicker from "./EmojiPicker";

interface Props {
  anchor: HTMLElement;
  onPick: (emoji: string) => void;
}

/** The picker beside what opened it. */
export default function EmojiPopover({ anchor, onPick }: Props) {
  const picked = useRef<string>(undefined);
  useEffect(
    () => () => {
      // First the focus goes back to where it was, two frames later at most.
      const emoji = picked.current;
      if (emoji) requestAnimationFrame(() => requestAnimationFrame(() => onPick(emoji)));
    },
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- only when it closes
    [],
  );
  return (
    <InLocale>
      <Popover
        className="popover emoji-popover"
        triggerRef={{ current: anchor }}
        isOpen
        onOpenChange={(open) => !open && closeLayer()}
        placement="top start"
        offset={8}
      >
        <Dialog aria-label={m.emoji_add()}>
          <EmojiPicker
            onPick={(emoji) => {
              picked.current = emoji;
              closeLayer();
            }}
          />
        </Dialog>
      </Popover>
    </InLocale>
  );
}
