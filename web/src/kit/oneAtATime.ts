/** Runs `work` again for all calls that come while it runs, together. */
export function oneAtATime(work: () => Promise<void>): () => void {
  let running = false;
  let again = false;
  const run = () => {
    if (running) {
      again = true;
      return;
    }
    running = true;
    void work().finally(() => {
      running = false;
      if (again) run();
    });
    again = false;
  };
  return run;
}
