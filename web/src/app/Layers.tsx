import { lazy, Suspense } from "react";
import { useLayers } from "./layers";

const loadSwitcher = () => import("../rooms/Switcher");
const loadCreateRoom = () => import("../rooms/CreateRoom");
/** The dialogs that are opened most. */
export const loadLayers = () => Promise.all([loadSwitcher(), loadCreateRoom()]);

const Switcher = lazy(loadSwitcher);
const CreateRoom = lazy(loadCreateRoom);
const RoomSettings = lazy(() => import("../rooms/RoomSettings"));
const RoomNotices = lazy(() => import("../notices/RoomNotices"));
const LeaveRoom = lazy(() => import("../rooms/LeaveRoom"));
const StartDirect = lazy(() => import("../people/StartDirect"));
const SignOut = lazy(() => import("../people/SignOut"));
const ActionSheet = lazy(() => import("../messages/ActionSheet"));
const EmojiPopover = lazy(() => import("../emoji/EmojiPopover"));
const History = lazy(() => import("../messages/History"));
const Viewer = lazy(() => import("../files/Viewer"));
const Help = lazy(() => import("./Help"));

/** The dialog that is open, if any; its code is loaded when it first opens. */
export function Layers() {
  const layer = useLayers((state) => state.layer);
  return <Suspense>{layer && content(layer)}</Suspense>;
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
