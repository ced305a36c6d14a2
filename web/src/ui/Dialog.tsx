import type { ReactNode } from "react";
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { closeLayer } from "../app/layers";
import { m } from "../paraglide/messages.js";
import { IconButton } from "./IconButton";
import { InLocale } from "./InLocale";
import "./dialog.css";

interface Props {
  title: string;
  children: ReactNode;
  /** Buttons at the foot, the main one first. */
  footer?: ReactNode;
  role?: "dialog" | "alertdialog";
  /** Without title bar: the content has its own head. */
  bare?: boolean;
  className?: string;
}

/** A modal dialog: the focus stays inside, Escape closes, the focus goes back. */
export function Dialog({ title, children, footer, role, bare, className = "" }: Props) {
  return (
    <InLocale>
      <ModalOverlay
        className="overlay"
        isOpen
        isDismissable={role !== "alertdialog"}
        onOpenChange={(open) => !open && closeLayer()}
      >
        <Modal className={`modal ${className}`}>
          <AriaDialog className="dialog" role={role} aria-label={bare ? title : undefined}>
            {!bare && (
              <header>
                <Heading slot="title">{title}</Heading>
                <IconButton icon="x" label={m.close()} onClick={closeLayer} />
              </header>
            )}
            {children}
            {footer && <footer>{footer}</footer>}
          </AriaDialog>
        </Modal>
      </ModalOverlay>
    </InLocale>
  );
}
