/** The language of the interface: chosen by the person, else the browser's. */
import { create } from "zustand";
import { getLocale, overwriteGetLocale, setLocale } from "../paraglide/runtime.js";

export type Locale = ReturnType<typeof getLocale>;
export const locales: readonly Locale[] = ["es", "en"];
/** Each language under its own name, whatever the current one is. */
export const localeNames: Record<Locale, string> = { es: "Español", en: "English" };

// Every word asks for it, and looking into the storage of the browser each time would be slow.
let current = getLocale();
overwriteGetLocale(() => current);

const store = create<{ locale: Locale }>(() => ({ locale: getLocale() }));

export const useLocale = () => store((state) => state.locale);

export function chooseLocale(locale: Locale) {
  void setLocale(locale, { reload: false });
  current = locale;
  document.documentElement.lang = locale;
  store.setState({ locale });
}

export function applyLocale() {
  document.documentElement.lang = getLocale();
}

export { getLocale };
