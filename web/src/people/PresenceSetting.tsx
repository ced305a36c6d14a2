import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "../api/client";
import { m } from "../paraglide/messages.js";
import { Asked } from "../ui/Asked";
import { tellProblem } from "../ui/failure";
import { Segmented } from "../ui/Segmented";

const key = ["presence"];

/** Whether others see that I am here; the same on every device. */
export function PresenceSetting() {
  const queries = useQueryClient();
  const choice = useQuery({ queryKey: key, queryFn: () => api.presenceChoice() });
  const change = useMutation({
    mutationFn: (hidden: boolean) => api.choosePresence({ hidden }),
    onError: tellProblem,
    onSettled: () => queries.invalidateQueries({ queryKey: key }),
  });
  return (
    <Asked label={m.presence_title()} query={choice}>
      {({ hidden }) => (
        <div>
          <Segmented
            label={m.presence_title()}
            value={(change.isPending ? change.variables : hidden) ? "off" : "on"}
            options={[
              { value: "on", label: m.on() },
              { value: "off", label: m.off() },
            ]}
            onChange={(next) => change.mutate(next === "off")}
          />
          <p className="note">{m.presence_note()}</p>
        </div>
      )}
    </Asked>
  );
}
