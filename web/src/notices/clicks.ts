import { navigate } from "../kit/router";

/** A click on a notice lands in this page. */
export function openFromNotices(signal: AbortSignal) {
  const { serviceWorker } = navigator as { serviceWorker?: ServiceWorkerContainer };
  serviceWorker?.addEventListener(
    "message",
    ({ data }) => {
      const { type, url } = data as { type?: string; url?: string };
      if (type === "open" && url?.startsWith("/")) navigate(url);
    },
    { signal },
  );
}
