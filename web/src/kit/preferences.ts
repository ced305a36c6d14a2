/** How a person likes it on this device. `before-paint.js` reads the theme and the density. */
import { create } from "zustand";

export interface Preferences {
  readonly density: "comfy" | "compact";
  /** How the list of rooms is sorted. */
  readonly roomOrder: "name" | "attention";
  /** What sends a message: Enter alone, or with Ctrl, so that Enter begins a line. */
  readonly sendKey: "enter" | "ctrl";
  /** Whether single letters act on a message that has the focus (WCAG 2.1.4). */
  readonly letters: "on" | "off";
  /** What is read out when others write in the open room. */
  readonly spoken: "all" | "mentions" | "off";
  /** How fast messages are played. */
  readonly speechRate: "1" | "1.25" | "1.5" | "2";
  /** Whether a call sounds while the page is looked at. */
  readonly sound: "off" | "on";
}

const choices: { readonly [K in keyof Preferences]: readonly Preferences[K][] } = {
  density: ["comfy", "compact"],
  roomOrder: ["name", "attention"],
  sendKey: ["enter", "ctrl"],
  letters: ["on", "off"],
  spoken: ["all", "mentions", "off"],
  speechRate: ["1", "1.25", "1.5", "2"],
  sound: ["off", "on"],
};

const keyOf = (name: string) => `tertulia.${name}`;

function stored<K extends keyof Preferences>(name: K): Preferences[K] {
  const [first] = choices[name];
  try {
    const value = localStorage.getItem(keyOf(name));
    return choices[name].find((one) => one === value) ?? (first as Preferences[K]);
  } catch {
    return first as Preferences[K];
  }
}

const store = create<Preferences>(() => ({
  density: stored("density"),
  roomOrder: stored("roomOrder"),
  sendKey: stored("sendKey"),
  letters: stored("letters"),
  spoken: stored("spoken"),
  speechRate: stored("speechRate"),
  sound: stored("sound"),
}));

export const preferences = (): Preferences => store.getState();

export const usePreference = <K extends keyof Preferences>(name: K): Preferences[K] =>
  store((state) => state[name]);

export function prefer<K extends keyof Preferences>(name: K, value: Preferences[K]) {
  try {
    localStorage.setItem(keyOf(name), value);
  } catch {
    // Storage is forbidden: the choice lasts until the page is closed.
  }
  store.setState({ [name]: value });
  if (name === "density") showDensity();
}

function showDensity() {
  if (preferences().density === "compact") document.documentElement.dataset.density = "compact";
  else delete document.documentElement.dataset.density;
}
