import { useRef, useState } from "react";
import { Boundary } from "./Boundary";
import type { IconName } from "./Icon";
import { IconButton } from "./IconButton";
import { later } from "./later";
import type { Choice } from "./Menu";

const Menu = later(() => import("./Menu"));

interface Props {
  label: string;
  icon: IconName;
  choices: readonly Choice[];
}

export function MenuButton({ label, icon, choices }: Props) {
  const [open, setOpen] = useState(false);
  const trigger = useRef<HTMLButtonElement>(null);
  const close = () => setOpen(false);
  return (
    <>
      <IconButton
        ref={trigger}
        icon={icon}
        label={label}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={() => setOpen(true)}
      />
      {open && (
        <Boundary onFailed={close}>
          <Menu label={label} trigger={trigger} choices={choices} onClose={close} />
        </Boundary>
      )}
    </>
  );
}
