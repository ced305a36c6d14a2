/** How components reach the engine and its state. */
import { createContext, useContext } from "react";
import { useStore } from "zustand";
import type { Engine } from "../sync/engine";
import type { SyncState } from "../sync/state";

export const EngineContext = createContext<Engine | undefined>(undefined);

export function useEngine(): Engine {
  const engine = useContext(EngineContext);
  if (!engine) throw new Error("no engine above this component");
  return engine;
}

export const useSync = <T>(select: (state: SyncState) => T): T =>
  useStore(useEngine().store, select);

export const useRoom = (room: string) => useSync((state) => state.rooms[room]);
export const useMe = () => useSync((state) => state.me.person);
