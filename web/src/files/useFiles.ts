import { type ClipboardEvent, type RefObject, useEffect, useRef, useState } from "react";
import { useShallow } from "zustand/react/shallow";
import type { SharedFile } from "../api/types";
import { toast } from "../kit/toasts";
import { m } from "../paraglide/messages.js";
import { addFiles, type Sending, useTray, wish } from "./tray";

interface Options {
  draft: string;
  room: string;
  /** Where the text is written. */
  area: RefObject<HTMLElement | null>;
  /** All files are there and the person wants to send; they may look at another room by then. */
  onReady: (files: readonly SharedFile[]) => void;
}

/** Files of a composer: chosen, pasted or dropped; sent with the message once all are there. */
export function useFiles({ draft, room, area, onReady }: Options) {
  const items = useTray(useShallow(({ items }) => items.filter((item) => item.draft === draft)));
  const wanted = useTray((state) => draft in state.wanted);
  const input = useRef<HTMLInputElement>(null);
  // One that failed or was cut stays where it is, and keeps nothing else back.
  const some = items.some(({ state }) => state === "ready" || state === "sending");

  const add = (files: Iterable<File> | null | undefined) => {
    const list = [...(files ?? [])];
    if (list.length > 0 && !addFiles(draft, room, list)) toast(m.files_too_many());
    return list.length > 0;
  };
  const dropping = useDropped(area, add);
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
      // Word processors add a picture of what was copied: the words are meant.
      const words = event.clipboardData.types.includes("text/rtf");
      if (!words && add(event.clipboardData.files)) event.preventDefault();
    },
  };
}

/**
 * Adds what is dropped on the composer, or anywhere beside it: else the browser would leave the
 * page for the file. Answers whether something is about to be.
 */
function useDropped(area: RefObject<HTMLElement | null>, add: (files?: FileList) => boolean) {
  const [dropping, setDropping] = useState(false);
  const latest = useRef(add);
  latest.current = add;
  useEffect(() => {
    const place = area.current?.closest("main, aside");
    const over = (event: DragEvent) => {
      const { types } = event.dataTransfer ?? {};
      if (!types?.includes("Files")) return;
      event.preventDefault();
      setDropping(true);
    };
    const end = () => setDropping(false);
    const drop = (event: DragEvent) => {
      end();
      if (latest.current(event.dataTransfer?.files)) event.preventDefault();
    };
    const heard = { dragover: over, dragleave: end, drop };
    const each = Object.entries(heard) as [string, EventListener][];
    each.forEach(([type, listener]) => place?.addEventListener(type, listener));
    return () => each.forEach(([type, listener]) => place?.removeEventListener(type, listener));
  }, [area]);
  return dropping;
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
