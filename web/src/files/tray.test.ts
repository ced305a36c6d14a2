import { beforeEach, expect, test, vi } from "vitest";
import { forgetTray, measure, type Sending, useTray, wish } from "./tray";

const file = { room: "r", name: "a.txt", type: "text/plain", bytes: 1 };
const times = { changed: 0, sent: 0, since: 0 };
const item = (key: string, draft: string, state: Sending["state"]): Sending => ({
  ...file,
  ...times,
  key,
  draft,
  state,
});

/** The file with that key is there now. */
function arrive(key: string) {
  const { items } = useTray.getState();
  useTray.setState({
    items: items.map((one) => (one.key === key ? { ...one, state: "ready" as const } : one)),
  });
  measure(key, 1, 1);
}

beforeEach(() => useTray.setState({ items: [], wanted: {} }));

test("a message goes once, when all its files are there, and takes no other draft's", () => {
  useTray.setState({
    items: [item("a", "one", "sending"), item("b", "one", "ready"), item("c", "two", "sending")],
  });
  const post = vi.fn();
  wish("one", post);
  arrive("c");
  expect(post).not.toHaveBeenCalled();
  arrive("a");
  expect(post.mock.calls.map(([files]) => files.map(({ key }: Sending) => key))).toEqual([
    ["a", "b"],
  ]);
  arrive("c");
  expect(post).toHaveBeenCalledTimes(1);
  expect(useTray.getState().items.map(({ key }) => key)).toEqual(["c"]);
});

test("what is forgotten is not sent", () => {
  useTray.setState({ items: [item("a", "one", "sending")] });
  const post = vi.fn();
  wish("one", post);
  forgetTray();
  expect(post).not.toHaveBeenCalled();
  expect(useTray.getState()).toMatchObject({ items: [], wanted: {} });
});
