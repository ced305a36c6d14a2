import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api } from "../api/client";
import { asProblem } from "../api/problem";
import type { Member, Room, RoomRole } from "../api/types";
import { useMe } from "../app/context";
import { toast } from "../kit/toasts";
import { m } from "../paraglide/messages.js";
import { useStartDirect } from "../people/useStartDirect";
import type { Choice } from "../ui/Menu";
import { tellProblem } from "../ui/failure";
import { roleName, roles } from "./roles";

/** What I may do with a member: talk; with a role above theirs, change or remove them. */
export function useMemberChoices(room: Room, { person, role }: Member): Choice[] {
  const me = useMe();
  const queries = useQueryClient();
  const direct = useStartDirect();
  const refresh = () => void queries.invalidateQueries({ queryKey: ["members", room.id] });
  const change = useMutation({
    mutationFn: (to: RoomRole) => api.changeMember(room.id, person.id, to),
    onSuccess: refresh,
    onError: tellRefusal,
  });
  const remove = useMutation({
    mutationFn: () => api.removeMember(room.id, person.id),
    onSuccess: () => {
      refresh();
      toast(m.removed_member({ name: person.display_name }));
    },
    onError: tellRefusal,
  });

  const choices: Choice[] = [];
  const self = person.id === me.id;
  if (!self) {
    choices.push({
      id: "direct",
      label: m.write_directly(),
      icon: "message",
      run: () => direct.mutate(person.username),
    });
  }
  if (room.role === "owner") {
    for (const other of roles.filter((candidate) => candidate !== role))
      choices.push({
        id: other,
        label: m.make_role({ role: roleName(other) }),
        icon: "user",
        run: () => change.mutate(other),
      });
  }
  const outranks = room.role === "owner" || (room.role === "moderator" && role === "member");
  if (!self && outranks) {
    choices.push({
      id: "remove",
      label: m.remove_member(),
      icon: "x",
      danger: true,
      run: () => remove.mutate(),
    });
  }
  return choices;
}

function tellRefusal(error: unknown) {
  if (asProblem(error).status === 409) toast(m.last_owner());
  else tellProblem(error);
}
