/**
 * Light, dark, or as the system says; and with more contrast, when somebody chooses it or the
 * system asks for it. `before-paint.js` does the same before the first paint.
 */
import { create } from "zustand";
import { m } from "../paraglide/messages.js";

export type Theme = "system" | "light" | "dark" | "contrast";
export const themes: readonly Theme[] = ["system", "light", "dark", "contrast"];

export const themeName = (theme: Theme): string =>
  ({
    system: m.theme_system(),
    light: m.theme_light(),
    dark: m.theme_dark(),
    contrast: m.theme_contrast(),
  })[theme];

const KEY = "tertulia.theme";

function stored(): Theme {
  try {
    const theme = localStorage.getItem(KEY);
    return themes.find((one) => one === theme) ?? "system";
  } catch {
    return "system";
  }
}

const store = create<{ theme: Theme }>(() => ({ theme: stored() }));

export const useTheme = () => store((state) => state.theme);

const wantsMore = () => matchMedia("(prefers-contrast: more)");

function show() {
  const { theme } = store.getState();
  const { dataset } = document.documentElement;
  if (theme === "light" || theme === "dark") dataset.theme = theme;
  else delete dataset.theme;
  if (theme === "contrast" || (theme === "system" && wantsMore().matches))
    dataset.contrast = "more";
  else delete dataset.contrast;
}

if (typeof matchMedia !== "undefined") wantsMore().addEventListener("change", show);

export function chooseTheme(theme: Theme) {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Storage is forbidden: the choice lasts until the page is closed.
  }
  store.setState({ theme });
  show();
}
