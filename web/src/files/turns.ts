/** Has at most `atOnce` things done at a time, the rest in the order in which they came. */
export function takeTurns<T extends { readonly key: string }>(
  atOnce: number,
  begin: (one: T) => unknown,
) {
  const running = new Set<string>();
  let waiting: readonly T[] = [];
  const next = () => {
    const [one, ...others] = waiting;
    if (!one || running.size >= atOnce) return;
    waiting = others;
    running.add(one.key);
    void begin(one);
    next();
  };
  return {
    add(one: T) {
      waiting = [...waiting, one];
      next();
    },
    /** It is done, or not wanted any more. */
    end(key: string) {
      waiting = waiting.filter((one) => one.key !== key);
      running.delete(key);
      next();
    },
  };
}
