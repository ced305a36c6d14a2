import { afterEach, expect, test, vi } from "vitest";
import { dismissToast, toast, useToasts } from "./toasts";

const shown = () => useToasts.getState().toasts.map(({ text }) => text);

afterEach(() => {
  for (const { id } of useToasts.getState().toasts) dismissToast(id);
});

test("the oldest goes when there are too many, and what can be undone stays", () => {
  const missed = vi.fn();
  toast("deleted", undefined, { label: "Undo", run: () => undefined, missed });
  for (const text of ["one", "two", "three", "four"]) toast(text);
  expect(shown()).toEqual(["deleted", "three", "four"]);
  expect(missed).not.toHaveBeenCalled();
  for (let count = 0; count < 3; count += 1)
    toast(`deleted ${count}`, undefined, { label: "Undo", run: () => undefined, missed });
  expect(shown()).toEqual(["deleted 0", "deleted 1", "deleted 2"]);
  expect(missed).toHaveBeenCalledTimes(1);
});
