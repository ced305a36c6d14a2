import { navigate } from "../kit/router";

/** A click on a notice lands in this page, and the server may know this browser by a new name. */
export function hearWorker(signal: AbortSignal, renewed: () => void) {
  const { serviceWorker } = navigator as { serviceWorker?: ServiceWorkerContainer };
  serviceWorker?.addEventListener(
    "message",
    ({ data }) => {
      const { type, url } = data as { type?: string; url?: string };
      if (type === "open" && url?.startsWith("/")) navigate(url);
      if (type === "renewed") renewed();
    },
    { signal },
  );
}
