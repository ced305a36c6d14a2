import type { RefObject } from "react";
import { Dialog, Popover } from "react-aria-components";
import { m } from "../paraglide/messages.js";
import { InLocale } from "../ui/InLocale";
import "../ui/listbox.css";
import { ProfileCard } from "./ProfileCard";

interface Props {
  trigger: RefObject<HTMLButtonElement | null>;
  onClose: () => void;
}

export default function ProfilePopover({ trigger, onClose }: Props) {
  return (
    <InLocale>
      <Popover
        className="popover profile-popover"
        triggerRef={trigger}
        isOpen
        onOpenChange={(open) => !open && onClose()}
        placement="top start"
        offset={10}
      >
        <Dialog aria-label={m.profile()} className="listbox">
          <ProfileCard onLeave={onClose} />
        </Dialog>
      </Popover>
    </InLocale>
  );
}
