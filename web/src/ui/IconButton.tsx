import type { ButtonHTMLAttributes, Ref } from "react";
import { Icon, type IconName } from "./Icon";

type Props = ButtonHTMLAttributes<HTMLButtonElement> & {
  icon: IconName;
  label: string;
  ref?: Ref<HTMLButtonElement>;
};

/** A button that shows only an icon: its name is told to everyone, on hover too. */
export function IconButton({ icon, label, className = "", ref, ...props }: Props) {
  return (
    <button
      type="button"
      ref={ref}
      className={`icon-btn ${className}`}
      aria-label={label}
      title={label}
      {...props}
    >
      <Icon name={icon} />
    </button>
  );
}
