import { useMutation } from "@tanstack/react-query";
import { useId, useRef } from "react";
import { api } from "../api/client";
import { asProblem } from "../api/problem";
import { useEngine, useMe } from "../app/context";
import { toast } from "../kit/toasts";
import { m } from "../paraglide/messages.js";
import { Avatar } from "../ui/Avatar";
import { tellProblem } from "../ui/failure";

/** My picture, to be changed or taken away. */
export function OwnPicture() {
  const me = useMe();
  const { store } = useEngine();
  const input = useRef<HTMLInputElement>(null);
  const hint = useId();
  const change = useMutation({
    mutationFn: (file: File | undefined) => (file ? api.putPicture(file) : api.removePicture()),
    onSuccess: (person) => store.setState(({ me }) => ({ me: { ...me, person } })),
    onError: (error) => {
      const { kind } = asProblem(error);
      if (kind === "invalid" || kind === "too_large") toast(m.file_bad_picture());
      else tellProblem(error);
    },
  });
  const chosen = () => {
    const file = input.current?.files?.[0];
    if (input.current) input.current.value = "";
    if (file) change.mutate(file);
  };
  return (
    <span className="own-picture">
      <Avatar person={me} size="large" />
      <input
        ref={input}
        type="file"
        accept="image/jpeg,image/png,image/webp,image/gif"
        hidden
        aria-label={m.picture_change()}
        onChange={chosen}
      />
      <span className="doing">
        <button
          type="button"
          className="btn small"
          aria-describedby={hint}
          disabled={change.isPending}
          onClick={() => input.current?.click()}
        >
          {m.picture_change()}
        </button>
        {me.picture && (
          <button
            type="button"
            className="btn small"
            disabled={change.isPending}
            onClick={() => change.mutate(undefined)}
          >
            {m.picture_remove()}
          </button>
        )}
        <small id={hint}>{m.picture_hint()}</small>
      </span>
    </span>
  );
}
