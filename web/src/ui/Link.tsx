import type { AnchorHTMLAttributes, MouseEvent } from "react";
import { navigate } from "../kit/router";

type Props = AnchorHTMLAttributes<HTMLAnchorElement> & { href: string };

/** A link inside this client: no reload, but a new tab when the person asks for one. */
export function Link({ onClick, children, ...props }: Props) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    const plain = !event.metaKey && !event.ctrlKey && !event.shiftKey && event.button === 0;
    if (event.defaultPrevented || !plain) return;
    event.preventDefault();
    navigate(props.href);
  };
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions -- it has an address
    <a {...props} onClick={follow}>
      {children}
    </a>
  );
}
