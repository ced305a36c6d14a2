import { later } from "../ui/later";
import { useLayers } from "./layers";

const Switcher = later(() => import("../rooms/Switcher"));
const CreateRoom = later(() => import("../rooms/CreateRoom"));
const RoomSettings = later(() => import("../rooms/RoomSettings"));
const RoomNotices = later(() => import("../notices/RoomNotices"));
const LeaveRoom = later(() => import("../rooms/LeaveRoom"));
const StartDirect = later(() => import("../people/StartDirect"));
const SignOut = later(() => import("../people/SignOut"));
const ActionSheet = later(() => import("../messages/ActionSheet"));
const EmojiPopover = later(() => import("../emoji/EmojiPopover"));
const History = later(() => import("../messages/History"));
const Viewer = later(() => import("../files/Viewer"));
const Help = later(() => import("./Help"));

/** The dialogs that are opened most. */
export const loadLayers = () => Promise.all([Switcher.load(), CreateRoom.load()]);

/** The dialog that is open, if any; its code is loaded when it first opens. */
export function Layers() {
  const layer = useLayers((state) => state.layer);
  return layer && content(layer);
}

function content(layer: NonNullable<ReturnType<typeof useLayers.getState>["layer"]>) {
  switch (layer.kind) {
    case "switcher":
      return <Switcher />;
    case "create-room":
      return <CreateRoom />;
    case "direct":
      return <StartDirect />;
    case "help":
      return <Help />;
    case "emoji":
      return <EmojiPopover anchor={layer.anchor} onPick={layer.onPick} />;
    case "room-settings":
      return <RoomSettings room={layer.room} />;
    case "room-notices":
      return <RoomNotices room={layer.room} />;
    case "leave-room":
      return <LeaveRoom room={layer.room} />;
    case "history":
      return <History message={layer.message} />;
    case "pictures":
      return <Viewer files={layer.files} at={layer.at} />;
    case "message-actions":
      return <ActionSheet actions={layer.actions} />;
    case "sign-out":
      return <SignOut />;
  }
}
