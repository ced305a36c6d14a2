// Tells of messages while no page is open. It keeps nothing, and answers no request of a page.
const PAGES_OF_OTHERS = /^\/(admin|api|auth|docs|fn|id|media|problems)(\/|$)/;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("push", (event) => {
  if (event.data) event.waitUntil(show(event.data.json()));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data.url));
});

self.addEventListener("pushsubscriptionchange", (event) =>
  event.waitUntil(renew(event.newSubscription)),
);

async function pages() {
  const all = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  return all.filter((page) => !PAGES_OF_OTHERS.test(new URL(page.url).pathname));
}

async function show({ title, body, url, tag, at, unread }) {
  // The page that somebody looks at tells by itself.
  if ((await pages()).some((page) => page.focused)) return;
  await Promise.all([
    self.registration.showNotification(title, {
      body,
      tag,
      timestamp: Date.parse(at),
      icon: "/icon-192.png",
      badge: "/badge-96.png",
      data: { url },
    }),
    self.navigator.setAppBadge?.(unread).catch(() => undefined),
  ]);
}

async function open(url) {
  const all = await pages();
  const page = all.find(({ visibilityState }) => visibilityState === "visible") ?? all[0];
  if (!page) return self.clients.openWindow(url);
  await page.focus().catch(() => undefined);
  page.postMessage({ type: "open", url });
}

/**
 * The browser made its subscription void, as browsers do from time to time. What fails here is
 * done when a page starts, which alone knows whose this browser is.
 */
async function renew(renewed) {
  const known = await fetch("/api/me/push");
  if (!known.ok) return;
  const { key, devices } = await known.json();
  // Whoever is signed in may be somebody else, who said yes to nothing.
  if (!key || devices.length === 0) return;
  const options = { userVisibleOnly: true, applicationServerKey: key };
  const subscription = renewed ?? (await self.registration.pushManager.subscribe(options));
  const { endpoint, keys } = subscription.toJSON();
  const told = await fetch("/api/me/push", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Tertulia-Csrf": "1" },
    body: JSON.stringify({ endpoint, keys }),
  });
  if (!told.ok) return;
  for (const page of await pages()) page.postMessage({ type: "renewed" });
}
