import { type ComponentType, useEffect, useState } from "react";

/**
 * A part whose code is asked for when it is first shown, or before by `load`. What is here is
 * shown at once: React's `lazy` would show what is shown meanwhile first, and for 300 ms at least.
 */
export function later<P extends object>(
  ask: () => Promise<{ default: ComponentType<P> }>,
  Meanwhile?: ComponentType,
) {
  let here: ComponentType<P> | undefined;
  const load = async () => (here ??= (await ask()).default);

  function Later(props: P) {
    const [Part, setPart] = useState(() => here);
    const [failed, setFailed] = useState<{ reason: unknown }>();
    useEffect(() => {
      if (Part) return;
      let gone = false;
      load().then(
        (part) => !gone && setPart(() => part),
        (reason: unknown) => !gone && setFailed({ reason }),
      );
      return () => {
        gone = true;
      };
    }, [Part]);
    if (failed) throw failed.reason;
    if (Part) return <Part {...props} />;
    return Meanwhile ? <Meanwhile /> : null;
  }

  return Object.assign(Later, { load });
}
