import { type ClipboardEvent, type DragEvent, useRef, useState } from "react";
import { useShallow } from "zustand/react/shallow";
import type { SharedFile } from "../api/types";
import { toast } from "../kit/toasts";
import { m } from "../paraglide/messages.js";
import { addFiles, type Sending, useTray, wish } from "./tray";

interface Options {
  draft: string;
  room: string;
  /** All files are there and the person wants to send; they may look at another room by then. */
  onReady: (files: readonly SharedFile[]) => void;
}

/** Files of a composer: chosen, pasted or dropped; sent with the message once all are there. */
export function useFiles({ draft, room, onReady }: Options) {
  const items = useTray(useShallow(({ items }) => items.filter((item) => item.draft === draft)));
  const wanted = useTray((state) => draft in state.wanted);
  const [dropping, setDropping] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  // One that failed or was cut stays where it is, and keeps nothing else back.
  const some = items.some(({ state }) => state === "ready" || state === "sending");

  const add = (files: Iterable<File> | null | undefined) => {
    const list = [...(files ?? [])];
    if (list.length > 0 && !addFiles(draft, room, list)) toast(m.files_too_many());
    return list.length > 0;
  };
  return {
    some,
    waiting: wanted,
    dropping,
    send: () => wish(draft, (files) => onReady(files.map(asShared))),
    choose: () => input.current?.click(),
    input: {
      ref: input,
      type: "file",
      multiple: true,
      hidden: true,
      "aria-label": m.files_add(),
      onChange: () => {
        add(input.current?.files);
        if (input.current) input.current.value = "";
      },
    },
    paste: (event: ClipboardEvent) => {
      if (add(event.clipboardData.files)) event.preventDefault();
    },
    drop: {
      onDragOver: (event: DragEvent) => {
        if (!event.dataTransfer.types.includes("Files")) return;
        event.preventDefault();
        setDropping(true);
      },
      onDragLeave: () => setDropping(false),
      onDrop: (event: DragEvent) => {
        setDropping(false);
        if (add(event.dataTransfer.files)) event.preventDefault();
      },
    },
  };
}

/** A file as it is shown until the message comes back. */
const asShared = ({ id = "", name, type, bytes, width, height }: Sending): SharedFile => ({
  id,
  name,
  media_type: type,
  bytes,
  link: `/api/files/${id}`,
  ...(width && height && { width, height, thumbnail: `/api/files/${id}/thumbnail` }),
});
