import { useMutation } from "@tanstack/react-query";
import { api } from "../api/client";
import { useEngine } from "../app/context";
import { closeLayer } from "../app/layers";
import { navigate, paths } from "../kit/router";

/** Opens the direct room with a person; the same one as ever if there is one. */
export function useStartDirect() {
  const engine = useEngine();
  return useMutation({
    mutationFn: (username: string) => api.direct(username),
    onSuccess: (room) => {
      void engine.adopt(room);
      closeLayer();
      navigate(paths.room(room.id));
    },
  });
}
